//! Word documents: what stands in them, on the pages they are laid out on, and drawn the same.

use std::sync::Arc;

use heyan::{
    arrange::arrange,
    draw,
    model::{
        document::{Document, Format},
        geometry::Turn,
        limits::Limits,
        page::{Concealment, Page, TextLayer},
    },
    read,
};

use super::formats::zipped;

fn document(bytes: Vec<u8>) -> Document {
    let mut document = read::read("a.docx", Arc::from(bytes), &Limits::default());
    document.pages.iter_mut().for_each(arrange);
    document
}

const SPACES: &str = r#"xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006""#;

/// A document with this body, and more parts.
fn docx_of(body: &str, more: &[(&str, &[u8])]) -> Vec<u8> {
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let root = format!(
        r#"<Relationships><Relationship Id="r1" Type="{office}/officeDocument" Target="word/document.xml"/></Relationships>"#
    );
    let relations = r#"<Relationships><Relationship Id="h1" Target="header1.xml"/><Relationship Id="f1" Target="footer1.xml"/><Relationship Id="p1" Target="media/image1.png"/></Relationships>"#;
    let text = format!("<w:document {SPACES}><w:body>{body}</w:body></w:document>");
    let mut files: Vec<(&str, &[u8])> = vec![
        ("[Content_Types].xml", b"<Types/>"),
        ("_rels/.rels", root.as_bytes()),
        ("word/_rels/document.xml.rels", relations.as_bytes()),
        ("word/document.xml", text.as_bytes()),
    ];
    files.extend(more);
    zipped(&files)
}

fn docx(body: &str) -> Document {
    document(docx_of(body, &[]))
}

fn p(text: &str) -> String {
    format!("<w:p><w:r><w:t xml:space=\"preserve\">{text}</w:t></w:r></w:p>")
}

fn codes(document: &Document) -> Vec<&str> {
    document.problems.iter().map(|problem| problem.code).collect()
}

/// The lines of a page, words joined by blanks.
fn lines(page: &Page) -> Vec<String> {
    let words = |line: &heyan::model::page::Line| {
        line.words.iter().map(|at| page.words[*at].text.as_str()).collect::<Vec<_>>().join(" ")
    };
    page.lines.iter().map(words).collect()
}

#[test]
fn paragraphs_become_lines_in_reading_order() {
    let body = [
        p("江苏省工业互联网项目申报书"),
        p("企业名称： 某某科技有限公司"),
        "<w:p><w:r><w:t>统一社会</w:t></w:r><w:r><w:t>信用代码：9132</w:t></w:r><w:r><w:t>0000</w:t></w:r></w:p>".to_owned(),
        "<w:p><w:ins><w:r><w:t>插入</w:t></w:r></w:ins><w:del><w:r><w:delText>删去</w:delText></w:r></w:del><w:hyperlink><w:r><w:t>链接</w:t></w:r></w:hyperlink><w:r><w:br/><w:t>下一行</w:t></w:r></w:p>".to_owned(),
        "<w:p><w:r><w:instrText>PAGE</w:instrText></w:r><w:r><w:sym w:font=\"Wingdings\" w:char=\"F0FE\"/><w:t>是</w:t></w:r></w:p>".to_owned(),
    ]
    .concat();
    let read = docx(&body);
    assert_eq!((read.format, read.pages.len()), (Format::Docx, 1));
    assert!(read.problems.is_empty() && read.properties.laid_out, "{:?}", read.problems);
    let page = &read.pages[0];
    assert_eq!(page.layer, TextLayer::Trusted);
    assert_eq!(
        lines(page),
        [
            "江苏省工业互联网项目申报书",
            "企业名称： 某某科技有限公司",
            "统一社会信用代码：91320000",
            "插入链接",
            "下一行",
            "☑是"
        ]
    );
    for word in &page.words {
        assert_eq!(word.edges.len(), word.text.chars().count() + 1);
        assert!(word.edges.windows(2).all(|two| two[0] <= two[1]), "{word:?}");
        assert!(word.bounds.left >= 0.0 && word.bounds.right <= page.size.width, "{word:?}");
    }
}

#[test]
fn long_paragraphs_break_and_numbers_stay_whole() {
    let text = format!("{}合计金额为12,345,678.90元整", "投资明细".repeat(11));
    let read = docx(&p(&text));
    let lines = lines(&read.pages[0]);
    assert!(lines.len() > 1, "{lines:?}");
    assert_eq!(lines.concat(), text);
    assert!(lines.iter().any(|line| line.contains("12,345,678.90")), "{lines:?}");
}

#[test]
fn lists_are_numbered_as_they_are_shown() {
    let level = |at: u32, format: &str, text: &str| {
        format!(
            r#"<w:lvl w:ilvl="{at}"><w:start w:val="1"/><w:numFmt w:val="{format}"/><w:lvlText w:val="{text}"/><w:suff w:val="nothing"/></w:lvl>"#
        )
    };
    let numbering = format!(
        r#"<w:numbering {SPACES}><w:abstractNum w:abstractNumId="7">{}{}</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="7"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="11"/></w:lvlOverride></w:num></w:numbering>"#,
        level(0, "chineseCountingThousand", "%1、"),
        level(1, "decimal", "%1.%2 "),
    );
    let item = |list: u32, level: u32, text: &str| {
        format!(
            r#"<w:p><w:pPr><w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{list}"/></w:numPr></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"#
        )
    };
    let body = [
        item(1, 0, "甲"),
        item(1, 1, "子"),
        item(1, 1, "丑"),
        item(1, 0, "乙"),
        item(1, 1, "寅"),
        item(2, 0, "丙"),
        p("无"),
    ]
    .concat();
    let read = document(docx_of(&body, &[("word/numbering.xml", numbering.as_bytes())]));
    assert_eq!(
        lines(&read.pages[0]),
        ["一、甲", "一.1 子", "一.2 丑", "二、乙", "二.1 寅", "十一、丙", "无"]
    );
}

#[test]
fn tables_are_found_with_their_merged_cells() {
    let cell = |told: &str, text: &str| format!("<w:tc><w:tcPr>{told}</w:tcPr>{}</w:tc>", p(text));
    let body = format!(
        "{}<w:tbl><w:tblGrid><w:gridCol w:w=\"2000\"/><w:gridCol w:w=\"2000\"/><w:gridCol w:w=\"3000\"/></w:tblGrid><w:tr>{}{}</w:tr><w:tr>{}{}{}</w:tr><w:tr>{}{}{}</w:tr></w:tbl>",
        p("表一"),
        cell("<w:gridSpan w:val=\"2\"/>", "项目"),
        cell("", "金额"),
        cell("<w:vMerge w:val=\"restart\"/>", "设备"),
        cell("", "服务器"),
        cell("", "1200.50"),
        cell("<w:vMerge/>", ""),
        cell("", "交换机"),
        cell("", "99.99"),
    );
    let read = docx(&body);
    let page = &read.pages[0];
    assert_eq!(page.tables.len(), 1);
    let table = &page.tables[0];
    assert_eq!((table.rows, table.columns), (3, 3));
    let told: Vec<(u32, u32, u32, u32, String)> = table
        .cells
        .iter()
        .map(|cell| {
            let text = cell.words.iter().map(|at| page.words[*at].text.as_str()).collect::<String>();
            (cell.row, cell.column, cell.row_span, cell.column_span, text)
        })
        .collect();
    let wanted = [
        (0, 0, 1, 2, "项目"),
        (0, 2, 1, 1, "金额"),
        (1, 0, 2, 1, "设备"),
        (1, 1, 1, 1, "服务器"),
        (1, 2, 1, 1, "1200.50"),
        (2, 1, 1, 1, "交换机"),
        (2, 2, 1, 1, "99.99"),
    ];
    let wanted: Vec<_> =
        wanted.map(|(r, c, down, across, text)| (r, c, down, across, text.to_owned())).into();
    assert_eq!(told, wanted);
}

#[test]
fn hidden_text_is_told_and_not_used() {
    let run = |told: &str, text: &str| format!("<w:r><w:rPr>{told}</w:rPr><w:t>{text}</w:t></w:r>");
    let body = format!(
        "<w:p>{}{}{}{}</w:p>",
        run("", "看得见"),
        run("<w:vanish/>", "隐藏"),
        run("<w:color w:val=\"FFFFFF\"/>", "白字"),
        run("<w:vanish w:val=\"0\"/>", "也看得见"),
    );
    let read = docx(&body);
    let page = &read.pages[0];
    let hidden: Vec<(&str, Concealment)> =
        page.hidden.iter().map(|word| (word.text.as_str(), word.concealment)).collect();
    assert_eq!(hidden, [("隐藏", Concealment::Invisible), ("白字", Concealment::GroundColour)]);
    assert!(page.words.iter().all(|word| word.text.contains("看得见")));
    assert_eq!(codes(&read), ["hidden-text"]);
}

#[test]
fn letters_are_seen_against_what_they_stand_on() {
    let run = |told: &str| format!("<w:r><w:rPr>{told}</w:rPr><w:t>9999</w:t></w:r>");
    let white = run("<w:color w:val=\"FFFFFF\"/>");
    let cell = |shade: &str, inside: &str| {
        format!(
            "<w:tbl><w:tblPr><w:tblStyle w:val=\"{inside}\"/></w:tblPr><w:tr><w:tc><w:tcPr>{shade}</w:tcPr><w:p>{white}</w:p></w:tc></w:tr></w:tbl>"
        )
    };
    let shade = |fill: &str| format!("<w:shd w:val=\"clear\" w:color=\"auto\" w:fill=\"{fill}\"/>");
    let para = |told: &str, inside: &str| format!("<w:p><w:pPr>{told}</w:pPr>{inside}</w:p>");
    // What is special, the body, whether it is seen.
    let table = [
        ("plain", para("", &run("")), true),
        ("white", para("", &white), false),
        ("nearly white", para("", &run("<w:color w:val=\"FEFEFE\"/>")), false),
        ("chosen by the program", para("", &run("<w:color w:val=\"auto\"/>")), true),
        ("on a dark run", para("", &run(&format!("<w:color w:val=\"FFFFFF\"/>{}", shade("1F3864")))), true),
        ("on a white run", para("", &run(&format!("<w:color w:val=\"FFFFFF\"/>{}", shade("FFFFFF")))), false),
        (
            "on a run without a colour",
            para("", &run(&format!("<w:color w:val=\"FFFFFF\"/>{}", shade("auto")))),
            false,
        ),
        ("under a pen", para("", &run("<w:color w:val=\"FFFFFF\"/><w:highlight w:val=\"blue\"/>")), true),
        (
            "black under a black pen",
            para("", &run("<w:color w:val=\"000000\"/><w:highlight w:val=\"black\"/>")),
            false,
        ),
        ("in a dark paragraph", para(&shade("1F3864"), &white), true),
        ("in a dark cell", cell(&shade("1F3864"), "none"), true),
        ("in a light cell", cell(&shade("F8F8F8"), "none"), false),
        ("in a table of a plain style", cell("", "none"), false),
        ("in a table whose style shades", cell("", "shaded"), true),
        ("in the colour of its style", para("<w:pStyle w:val=\"white\"/>", &run("")), false),
    ];
    let styles = format!(
        r#"<w:styles {SPACES}><w:style w:type="paragraph" w:styleId="white"><w:rPr><w:color w:val="FFFFFF"/></w:rPr></w:style>
        <w:style w:type="table" w:styleId="shaded"><w:tblStylePr w:type="firstRow"><w:tcPr>{}</w:tcPr></w:tblStylePr></w:style></w:styles>"#,
        shade("1F3864")
    );
    for (what, body, seen) in table {
        let read = document(docx_of(&body, &[("word/styles.xml", styles.as_bytes())]));
        assert_eq!(
            (read.pages[0].words.len(), read.pages[0].hidden.len()),
            if seen { (1, 0) } else { (0, 1) },
            "{what}"
        );
        assert_eq!(codes(&read), if seen { vec![] } else { vec!["hidden-text"] }, "{what}");
    }
}

#[test]
fn what_a_page_shows_is_read_and_what_is_left_out_said() {
    let ruby = "<w:p><w:r><w:ruby><w:rt><w:r><w:t>yi</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>壹万</w:t></w:r></w:rubyBase></w:ruby></w:r></w:p>";
    let links = |count: usize| {
        format!(
            "<w:p>{}<w:r><w:t>里</w:t></w:r>{}</w:p>",
            "<w:hyperlink>".repeat(count),
            "</w:hyperlink>".repeat(count)
        )
    };
    let table = [
        ("base of a reading", ruby.to_owned(), vec!["壹万"], vec![]),
        (
            "a file in the text",
            format!("{}<w:altChunk r:id=\"x\"/>", p("外")),
            vec!["外"],
            vec!["word-damaged"],
        ),
        ("a few links", links(9), vec!["里"], vec![]),
        ("too many", links(90), vec![], vec!["word-damaged"]),
    ];
    for (what, body, wanted, said) in table {
        let read = docx(&body);
        assert_eq!(lines(&read.pages[0]), wanted, "{what}");
        assert_eq!(codes(&read), said, "{what}");
    }
    // Headers of first pages and of pages with even numbers, where the document has them.
    let part = |text: &str| format!("<w:hdr {SPACES}>{}</w:hdr>", p(text));
    let (usual, first, even) = (part("常"), part("首"), part("偶"));
    let relations = r#"<Relationships><Relationship Id="h1" Target="h1.xml"/><Relationship Id="h2" Target="h2.xml"/><Relationship Id="h3" Target="h3.xml"/></Relationships>"#;
    let settings = format!("<w:settings {SPACES}><w:evenAndOddHeaders/></w:settings>");
    let next = "<w:p><w:r><w:br w:type=\"page\"/></w:r></w:p>";
    let body = format!(
        "{}{next}{}{next}{}<w:sectPr><w:headerReference w:type=\"default\" r:id=\"h1\"/><w:headerReference w:type=\"first\" r:id=\"h2\"/><w:headerReference w:type=\"even\" r:id=\"h3\"/>TITLE</w:sectPr>",
        p("一"),
        p("二"),
        p("三")
    );
    for (title, settings, wanted) in [
        ("", "", ["常", "常", "常"]),
        ("<w:titlePg/>", "", ["首", "常", "常"]),
        ("<w:titlePg w:val=\"0\"/>", settings.as_str(), ["常", "偶", "常"]),
        ("<w:titlePg/>", settings.as_str(), ["首", "偶", "常"]),
    ] {
        let text =
            format!("<w:document {SPACES}><w:body>{}</w:body></w:document>", body.replace("TITLE", title));
        let read = document(zipped(&[
            ("[Content_Types].xml", b"<Types/>"),
            ("word/_rels/document.xml.rels", relations.as_bytes()),
            ("word/document.xml", text.as_bytes()),
            ("word/settings.xml", settings.as_bytes()),
            ("word/h1.xml", usual.as_bytes()),
            ("word/h2.xml", first.as_bytes()),
            ("word/h3.xml", even.as_bytes()),
        ]));
        let heads: Vec<String> = read.pages.iter().map(|page| lines(page).swap_remove(0)).collect();
        assert_eq!(heads, wanted, "{title} {settings}");
    }
}

#[test]
fn words_beyond_the_limit_are_said_as_words() {
    let limits = Limits { file_words: 40, ..Limits::default() };
    let body = p(&"字 ".repeat(60));
    let read = read::read("a.docx", Arc::from(docx_of(&body, &[])), &limits);
    assert_eq!(codes(&read), ["too-many-words"]);
}

#[test]
fn pages_begin_where_the_document_says_and_where_they_are_full() {
    let breaks = [
        p("一"),
        "<w:p><w:r><w:br w:type=\"page\"/><w:t>二</w:t></w:r></w:p>".to_owned(),
        "<w:p><w:pPr><w:pageBreakBefore/></w:pPr><w:r><w:t>三</w:t></w:r></w:p>".to_owned(),
        "<w:p><w:pPr><w:sectPr><w:pgSz w:w=\"16838\" w:h=\"11906\"/></w:sectPr></w:pPr></w:p>".to_owned(),
        p("四"),
        "<w:sectPr><w:headerReference r:id=\"h1\"/><w:footerReference r:id=\"f1\"/><w:pgSz w:w=\"11906\" w:h=\"16838\"/></w:sectPr>".to_owned(),
    ]
    .concat();
    let header = format!("<w:hdr {SPACES}>{}</w:hdr>", p("页眉"));
    let footer = format!("<w:ftr {SPACES}>{}</w:ftr>", p("页脚"));
    let parts: [(&str, &[u8]); 2] =
        [("word/header1.xml", header.as_bytes()), ("word/footer1.xml", footer.as_bytes())];
    let read = document(docx_of(&breaks, &parts));
    let told: Vec<Vec<String>> = read.pages.iter().map(lines).collect();
    assert_eq!(told, [vec!["一"], vec!["二"], vec!["三"], vec!["页眉", "四", "页脚"]]);
    assert!(read.pages[2].size.width > read.pages[2].size.height);
    assert!(read.pages[3].size.width < read.pages[3].size.height);

    let long = docx(&(0..200).map(|at| p(&format!("第{at}行"))).collect::<String>());
    assert!(long.pages.len() > 2);
    let all: Vec<String> = long.pages.iter().flat_map(lines).collect();
    assert_eq!(all.len(), 200);
    for page in &long.pages {
        assert!(page.words.iter().all(|word| word.bounds.bottom <= page.size.height));
    }
}

#[test]
fn what_is_drawn_stands_where_it_was_read() {
    let picture = draw::png(&image::RgbImage::from_fn(80, 60, |x, y| {
        image::Rgb([(x * 3) as u8, (y * 4) as u8, (x * y) as u8])
    }));
    let drawing = "<w:p><w:r><w:drawing><wp:inline><wp:extent cx=\"2540000\" cy=\"1905000\"/><a:blip r:embed=\"p1\"/></wp:inline></w:drawing></w:r></w:p>";
    let body = format!("{}{drawing}", p("核验 Amount 1200.50"));
    let read = document(docx_of(&body, &[("word/media/image1.png", &picture)]));
    // The picture is a document of its own.
    let parts: Vec<(&str, Format)> =
        read.parts.iter().map(|part| (part.name.as_str(), part.format)).collect();
    assert_eq!(parts, [("a.docx/word/media/image1.png", Format::Png)]);
    let image = draw::page(&read.bytes, read.format, 1, Turn::None, 144.0).unwrap();
    let page = &read.pages[0];
    let dark = |bounds: &heyan::model::geometry::Rect| {
        let part = draw::crop(&image, page.size, bounds, 0.0);
        part.pixels().filter(|pixel| pixel.0.iter().all(|colour| *colour < 128)).count()
    };
    for word in &page.words {
        assert!(dark(&word.bounds) > 20, "{} was not drawn in its box", word.text);
        let beside = heyan::model::geometry::Rect::new(20.0, word.bounds.top, 60.0, word.bounds.bottom);
        assert_eq!(dark(&beside), 0);
    }
    let coloured = image.pixels().filter(|pixel| pixel.0[0] != pixel.0[1]).count();
    assert!(coloured > 50_000, "the picture was not drawn: {coloured}");
}

#[test]
fn damaged_documents_say_so() {
    let whole = docx_of(&p("正文"), &[]);
    let torn = format!("<w:document {SPACES}><w:body>{}<w:p><w:r", p("读到这里"));
    let cut =
        document(zipped(&[("[Content_Types].xml", b"<Types/>"), ("word/document.xml", torn.as_bytes())]));
    assert_eq!(lines(&cut.pages[0]), ["读到这里"]);
    assert_eq!(cut.problems[0].code, "word-damaged");
    let empty =
        document(zipped(&[("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<w:document/>")]));
    assert_eq!(empty.problems[0].code, "word-unreadable");
    for part in 1..16 {
        let read = document(whole[..whole.len() * part / 16].to_vec());
        assert!(!read.pages.is_empty() || !read.problems.is_empty(), "cut to {part}/16");
    }
    // Tables inside tables end somewhere.
    let deep =
        format!("{}{}{}", "<w:tbl><w:tr><w:tc>".repeat(60), p("里"), "</w:tc></w:tr></w:tbl>".repeat(60));
    let read = docx(&deep);
    assert!(!read.pages.is_empty() || !read.problems.is_empty());
}

#[test]
fn older_word_processors_give_a_hint() {
    let read = document(b"{\\rtf1\\ansi text}".to_vec());
    assert_eq!((read.format, read.problems[0].code), (Format::Unsupported("rtf"), "format-not-supported"));
    assert!(read.problems[0].message.zh.contains("docx"));
}
