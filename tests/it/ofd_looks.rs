//! What a page of an OFD looks like: what nobody sees of it, letters drawn as others, and its picture.

use heyan::{
    container::fonts,
    draw,
    model::{geometry::Turn, page::Concealment},
};

use super::ofd::{codes, document, package, text, words};

#[test]
fn what_nobody_sees_is_said_and_not_read() {
    const BOX: &str = "M 0 0 L 40 0 L 40 9 L 0 9 C";
    let filled = |left: f64, colour: &str| {
        format!(
            r#"<PathObject Boundary="{left} 18 40 9" Fill="true" Stroke="false"><FillColor Value="{colour}"/><AbbreviatedData>{BOX}</AbbreviatedData></PathObject>"#
        )
    };
    let coloured = |value: &str| {
        text(3, 10.0, 20.0, "9999.00", "")
            .replace("<TextCode", &format!("<FillColor Value=\"{value}\"/><TextCode"))
    };
    let seen = text(3, 10.0, 20.0, "9999.00", "");
    let path = |rule: &str, data: &str| {
        format!(
            r#"<PathObject Boundary="5 18 90 30" Fill="true" Stroke="false" Rule="{rule}"><FillColor Value="255 255 255"/><AbbreviatedData>{data}</AbbreviatedData></PathObject>"#
        )
    };
    const OUTER: &str = "M 0 0 L 40 0 L 40 9 L 0 9 C";
    let table: Vec<(&str, String, Option<Concealment>)> = vec![
        ("plain", seen.clone(), None),
        ("red", coloured("255 0 0"), None),
        ("not to be shown", text(3, 10.0, 20.0, "9999.00", "Visible=\"false\""), Some(Concealment::Invisible)),
        ("clear", text(3, 10.0, 20.0, "9999.00", "Alpha=\"0\""), Some(Concealment::Invisible)),
        ("neither filled nor stroked", text(3, 10.0, 20.0, "9999.00", "Fill=\"false\""), Some(Concealment::Invisible)),
        ("a speck", seen.replace("Size=\"4\"", "Size=\"0.4\"").replace("g 6 2", "g 6 0.2"), Some(Concealment::Invisible)),
        ("white on the sheet", coloured("255 255 255"), Some(Concealment::GroundColour)),
        ("nearly white in hexadecimal", coloured("#fa #fa #fa"), Some(Concealment::GroundColour)),
        ("white on black", filled(5.0, "0 0 0") + &coloured("255 255 255"), None),
        ("black on black", filled(5.0, "0 0 0") + &seen, Some(Concealment::GroundColour)),
        ("under a box", seen.clone() + &filled(5.0, "255 255 255"), Some(Concealment::Covered)),
        ("over a box", filled(5.0, "255 255 255") + &seen, None),
        (
            "inside a frame",
            seen.clone() + &path("Even-Odd", &format!("{OUTER} M 1 1 L 39 1 L 39 8 L 1 8 C")),
            None,
        ),
        (
            "inside a frame that runs back",
            seen.clone() + &path("NonZero", &format!("{OUTER} M 1 1 L 1 8 L 39 8 L 39 1 C")),
            None,
        ),
        (
            "under two boxes in one",
            seen.clone() + &path("NonZero", &format!("{OUTER} M 1 1 L 39 1 L 39 8 L 1 8 C")),
            Some(Concealment::Covered),
        ),
        (
            "under one of two boxes apart",
            seen.clone() + &path("Even-Odd", &format!("{OUTER} M 50 1 L 60 1 L 60 8 L 50 8 C")),
            Some(Concealment::Covered),
        ),
        ("in the angle of an L", seen.clone() + &path("NonZero", "M 0 0 L 2 0 L 2 20 L 80 20 L 80 22 L 0 22 C"), None),
        ("beside a box", seen.clone() + &filled(60.0, "255 255 255"), None),
        ("beside the sheet", text(3, 10.0, 200.0, "9999.00", ""), Some(Concealment::OffPage)),
        (
            "outside its own frame",
            seen.replace("Y=\"4\"", "Y=\"24\""),
            Some(Concealment::OffPage),
        ),
        (
            "cut away",
            seen.replace(
                "<TextCode",
                r#"<Clips><Clip><Area><Path Boundary="0 0 1 1"><AbbreviatedData>M 50 0 L 60 0 L 60 9 C</AbbreviatedData></Path></Area></Clip></Clips><TextCode"#,
            ),
            Some(Concealment::OffPage),
        ),
    ];
    for (what, objects, why) in table {
        let read = document(package("", "", &objects, &[]));
        let page = &read.pages[0];
        let hidden: Vec<_> = page.hidden.iter().map(|word| (word.text.as_str(), word.concealment)).collect();
        match why {
            None => {
                assert_eq!(words(&read, 0), ["9999.00"], "{what}");
                assert!(hidden.is_empty() && codes(&read).is_empty(), "{what}: {hidden:?}");
            }
            Some(why) => {
                assert!(page.words.is_empty(), "{what}: {:?}", page.words);
                assert_eq!((hidden, codes(&read)), (vec![("9999.00", why)], vec!["hidden-text"]), "{what}");
            }
        }
    }
    let digit = document(package("", "", &text(3, 10.0, 20.0, "9", "Visible=\"false\""), &[]));
    assert_eq!(codes(&digit), ["hidden-text"], "one digit may be that of an amount");
    let number = text(4, 10.0, 10.0, "2019", "") + &text(3, 10.0, 20.0, "9", "Visible=\"false\"");
    assert_eq!(codes(&document(package("", "", &number, &[]))), ["hidden-text"], "another number ends so");
    // What also stands there for all to see hides nothing: the tax bureau's own forms do so.
    let both = seen + &text(4, 10.0, 200.0, "9999.00", "");
    let read = document(package("", "", &both, &[]));
    assert_eq!((words(&read, 0), read.pages[0].hidden.len(), codes(&read)), (vec!["9999.00"], 1, vec![]));
}

#[test]
fn text_under_a_scan_is_told_from_text_hidden_on_a_background() {
    let picture = r#"<ImageObject Boundary="0 0 100 50" CTM="100 0 0 50 0 0" ResourceID="5"/>"#;
    let hidden = text(3, 10.0, 20.0, "8888.00", "Visible=\"false\"");
    let line = |id: u32, top: f64| text(id, 10.0, top, "all of a page of words to be read", "");
    let page = format!("{picture}{}{}{hidden}", line(7, 30.0), line(8, 40.0));
    let said = |objects: &str| codes(&document(package("", "", objects, &[])));
    assert!(said(&page).contains(&"hidden-text"), "{:?}", said(&page));
    let scan = said(&format!("{picture}{hidden}"));
    assert!(scan.contains(&"invisible-layer") && !scan.contains(&"hidden-text"), "{scan:?}");
}

#[test]
fn pages_are_drawn_as_they_are_read() {
    let red = {
        let image = image::RgbImage::from_pixel(8, 8, image::Rgb([250, 0, 0]));
        draw::png(&image)
    };
    let resources: &[u8] =
        br#"<Res BaseLoc="Res"><MultiMedias><MultiMedia ID="5" Type="Image"><MediaFile>p.png</MediaFile></MultiMedia></MultiMedias></Res>"#;
    let objects = r#"<PathObject Boundary="10 5 30 0.4" LineWidth="0.5"><StrokeColor Value="0 0 255"/><AbbreviatedData>M 0 0.2 L 30 0.2</AbbreviatedData></PathObject>
        <PathObject Boundary="10 10 10 10" Fill="true" Stroke="false"><FillColor Value="0 128 0"/><AbbreviatedData>M 0 5 A 5 5 0 1 1 10 5 A 5 5 0 1 1 0 5 C</AbbreviatedData></PathObject>
        <ImageObject Boundary="60 10 20 20" CTM="20 0 0 20 0 0" ResourceID="5"/>
        <PathObject Boundary="60 35 20 10" Fill="true" Stroke="false"><FillColor Value="0 0 0"/>
        <Clips><Clip><Area><Path Boundary="0 0 20 10"><AbbreviatedData>M 0 0 L 10 0 L 10 10 L 0 10 C</AbbreviatedData></Path></Area></Clip></Clips>
        <AbbreviatedData>M 0 0 L 20 0 L 20 10 L 0 10 C</AbbreviatedData></PathObject>"#
        .to_owned()
        + &text(3, 10.0, 30.0, "壹佰元", "");
    let read = document(package(
        "<DocumentRes>DocumentRes.xml</DocumentRes>",
        "",
        &objects,
        &[("Doc_0/DocumentRes.xml", resources), ("Doc_0/Res/p.png", &red)],
    ));
    let image = draw::page(&read.bytes, read.format, 1, Turn::None, 254.0).unwrap();
    assert_eq!(image.dimensions(), (1000, 500), "ten pixels a millimetre");
    let at = |x: u32, y: u32| image.get_pixel(x, y).0;
    assert_eq!(at(250, 52), [0, 0, 255], "the line");
    assert_eq!(at(150, 150), [0, 128, 0], "the middle of the disc");
    assert_eq!(at(104, 104), [255, 255, 255], "the corner beside the disc");
    assert_eq!(at(700, 200), [250, 0, 0], "the picture");
    assert_eq!((at(650, 400), at(750, 400)), ([0, 0, 0], [255, 255, 255]), "the clip");
    let has_fonts = fonts::stand_in(["SimSun"], true, true).is_some();
    if !has_fonts {
        eprintln!("skipped: no Chinese font on this machine to draw letters with");
        return;
    }
    for word in &read.pages[0].words {
        let part = draw::crop(&image, read.pages[0].size, &word.bounds, 0.0);
        let dark = part.pixels().filter(|pixel| pixel.0[0] < 100).count();
        assert!(dark * 50 > part.pixels().count(), "nothing is drawn where {word:?} is said to stand");
    }
}

/// A font file that holds nothing but which glyph stands for which character.
fn font(glyphs: &[(char, u32)]) -> Vec<u8> {
    let mut table: Vec<u8> = Vec::new();
    table.extend([0, 0, 0, 1, 0, 3, 0, 10, 0, 0, 0, 12, 0, 12, 0, 0]);
    table.extend((16 + 12 * glyphs.len() as u32).to_be_bytes());
    table.extend(0_u32.to_be_bytes());
    table.extend((glyphs.len() as u32).to_be_bytes());
    for (character, glyph) in glyphs {
        let code = u32::from(*character);
        [code, code, *glyph].iter().for_each(|number| table.extend(number.to_be_bytes()));
    }
    let mut font: Vec<u8> = vec![0, 1, 0, 0, 0, 1, 0, 16, 0, 0, 0, 0];
    font.extend(b"cmap");
    [0, 28, table.len() as u32].iter().for_each(|number: &u32| font.extend(number.to_be_bytes()));
    font.extend(table);
    font
}

#[test]
fn letters_drawn_as_others_are_not_believed() {
    let font = font(&[('1', 11), ('9', 19), ('０', 10)]);
    let resources: &[u8] = br#"<Res BaseLoc="Res"><Fonts><Font ID="9" FontName="x"><FontFile>f.ttf</FontFile></Font></Fonts></Res>"#;
    let table: &[(&str, &str, &[&str], usize)] = &[
        ("as named", "11 10 10", &["100"], 0),
        ("a nine for a one", "19 10 10", &["00"], 1),
        ("a glyph the font says nothing of", "77 10 10", &["100"], 0),
    ];
    for (what, glyphs, wanted, doubtful) in table {
        let objects = format!(
            r#"<TextObject ID="3" Boundary="10 20 60 5" Font="9" Size="4"><CGTransform CodePosition="0" CodeCount="3" GlyphCount="3">
            <Glyphs>{glyphs}</Glyphs></CGTransform><TextCode X="0" Y="4" DeltaX="g 2 2">100</TextCode></TextObject>"#
        );
        let read = document(package(
            "<PublicRes>PublicRes.xml</PublicRes>",
            "",
            &objects,
            &[("Doc_0/PublicRes.xml", resources), ("Doc_0/Res/f.ttf", &font)],
        ));
        assert_eq!(
            (words(&read, 0).as_slice(), read.pages[0].doubtful.len()),
            (*wanted, *doubtful),
            "{what}"
        );
        assert_eq!(codes(&read).contains(&"letters-differ"), *doubtful > 0, "{what}");
    }
}

#[test]
fn a_tag_that_lost_a_piece_has_no_value() {
    let font = font(&[('1', 11), ('9', 19)]);
    let resources: &[u8] = br#"<Res BaseLoc="Res"><Fonts><Font ID="9" FontName="x"><FontFile>f.ttf</FontFile></Font></Fonts></Res>"#;
    let glyphs = |id: u32, glyphs: &str| {
        text(id, 10.0, 20.0, "119", "").replace(
            "<TextCode",
            &format!(r#"<CGTransform CodePosition="0" CodeCount="3" GlyphCount="3"><Glyphs>{glyphs}</Glyphs></CGTransform><TextCode"#),
        )
    };
    let half_covered = text(23, 50.0, 20.0, "1234", "")
        + r#"<PathObject ID="30" Boundary="49 18 4 9" Fill="true" Stroke="false"><FillColor Value="255 255 255"/><AbbreviatedData>M 0 0 L 4 0 L 4 9 L 0 9 C</AbbreviatedData></PathObject>"#;
    let objects = glyphs(21, "11 11 19")
        + &glyphs(22, "19 11 19").replace("10 20 60", "10 30 60")
        + &half_covered
        + &text(24, 10.0, 40.0, "hidden", "Visible=\"false\"")
        + &text(25, 50.0, 40.0, " ", "");
    // What a tag points at, and its value.
    let table: &[(&str, &[u32], Option<&str>)] = &[
        ("one object", &[21], Some("119")),
        ("with one that prints nothing", &[21, 25, 30], Some("119")),
        ("a letter drawn as another", &[22], None),
        ("a letter that is covered", &[23], None),
        ("one of two is hidden", &[21, 24], None),
        ("one of two is not there", &[21, 99], None),
    ];
    for (what, pointed, wanted) in table {
        let refs: String =
            pointed.iter().map(|id| format!(r#"<ObjectRef PageRef="1">{id}</ObjectRef>"#)).collect();
        let tags = format!("<eInvoice><InvoiceNo>{refs}</InvoiceNo></eInvoice>");
        let read = document(package(
            "<PublicRes>PublicRes.xml</PublicRes>",
            "<CustomTags>Tags/CustomTags.xml</CustomTags>",
            &objects,
            &[
                ("Doc_0/PublicRes.xml", resources),
                ("Doc_0/Res/f.ttf", &font),
                (
                    "Doc_0/Tags/CustomTags.xml",
                    b"<CustomTags><CustomTag><FileLoc>t.xml</FileLoc></CustomTag></CustomTags>",
                ),
                ("Doc_0/Tags/t.xml", tags.as_bytes()),
            ],
        ));
        let found = read.payloads.first().map(|payload| payload.nodes[0].text.as_str());
        assert_eq!(found, *wanted, "{what}");
    }
}

#[test]
fn a_page_may_bring_resources_of_its_own() {
    let content = |reference: &str| {
        let object = text(3, 10.0, 20.0, "99.00", reference);
        format!(
            "<Page><PageRes>Res.xml</PageRes><Content><Layer ID=\"2\">{object}<CompositeObject Boundary=\"0 0 9 9\" ResourceID=\"7\"/></Layer></Content></Page>"
        )
    };
    let resources = format!(
        r#"<Res BaseLoc="."><DrawParams><DrawParam ID="5"><FillColor Value="255 255 255"/></DrawParam></DrawParams>
        <CompositeGraphicUnits><CompositeGraphicUnit ID="7" Width="9" Height="9"><Content>{}</Content></CompositeGraphicUnit></CompositeGraphicUnits></Res>"#,
        text(8, 50.0, 40.0, "unit", "")
    );
    let layout = super::ofd::layout("", "");
    // Which parameters the text names, whether the resources are there, words that are seen, problems.
    let table: &[(&str, bool, &[&str], &[&str])] = &[
        ("", true, &["99.00", "unit"], &[]),
        ("DrawParam=\"5\"", true, &["unit"], &["hidden-text"]),
        ("DrawParam=\"6\"", true, &["99.00", "unit"], &[]),
        ("DrawParam=\"5\"", false, &["99.00"], &["ofd-part-missing", "ofd-part-missing"]),
    ];
    for (reference, is_there, wanted, said) in table {
        let content = content(reference);
        let mut files: Vec<(&str, &[u8])> = vec![
            ("OFD.xml", super::ofd::ROOT.as_bytes()),
            ("Doc_0/Document.xml", layout.as_bytes()),
            ("Doc_0/Pages/Page_0/Content.xml", content.as_bytes()),
        ];
        files.extend(is_there.then_some(("Doc_0/Pages/Page_0/Res.xml", resources.as_bytes())));
        let read = document(super::formats::zipped(&files));
        assert_eq!(words(&read, 0), *wanted, "{reference} {is_there}");
        assert_eq!(codes(&read), *said, "{reference} {is_there}: {:?}", read.problems);
    }
}
