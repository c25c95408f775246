//! OFD: pages with words, rulings and places of pictures; fields named by tags; attached files.

mod letters;
mod shapes;
mod text;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{Content, Source, archive, hidden, pdf};
use crate::{
    container::{
        archive::ArchiveTrouble,
        ofd::{Document as Layout, Matrix, OfdLimits, OfdTrouble, Package},
    },
    model::{
        document::Properties,
        geometry::{Rect, Size},
        limits::Limits,
        page::{Page, Word},
        payload::{Node, Payload},
        problem::Problem,
    },
};
use letters::Letters;
use text::Printed;

/// Points in a millimetre.
const POINTS: f64 = 72.0 / 25.4;

/// What is printed by an object of a page, by page and object identifier.
type Objects = BTreeMap<(String, String), Vec<(u32, Printed)>>;

/// Reads all pages of all documents of a package, numbered through.
pub(super) fn read(source: &Source<'_>) -> Content {
    let Source { bytes, limits, .. } = source;
    let mut content = Content::default();
    let (package, troubles) = Package::open(bytes, OfdLimits::of(limits));
    let mut said = Said::default();
    said.all(troubles, None, &mut content);
    if package.documents.is_empty() {
        content.problems.push(unreadable());
        return content;
    }
    if package.documents.len() > 1 {
        content.problems.push(several(&package));
    }
    let pages: usize = package.documents.iter().map(|layout| layout.pages.len()).sum();
    if pages > limits.pages {
        content.problems.push(super::too_many_pages(pages, limits.pages));
    }
    let (mut number, mut kept) = (0, 0);
    for layout in &package.documents {
        let (mut objects, mut letters) = (Objects::new(), Letters::default());
        for index in 0..layout.pages.len() {
            if number as usize >= limits.pages || kept > limits.file_words {
                break;
            }
            number += 1;
            let (page, troubles) =
                page(&package, layout, index, number, limits, (&mut objects, &mut letters));
            said.all(troubles, Some(number), &mut content);
            kept += page.words.len() + page.strokes.len() + page.pictures.len();
            let said = hidden::said(&page).into_iter().chain(text::disguised(&page));
            content.problems.extend(said.map(|problem| problem.on_page(number)));
            content.pages.push(page);
        }
        content.payloads.extend(tagged(layout, &objects));
        content.payloads.extend(named(layout));
        attached(source, &package, layout, &mut content);
    }
    if kept > limits.file_words {
        content.problems.push(super::too_many_words(number as usize));
    }
    if content.pages.is_empty() {
        content.problems.push(unreadable());
    }
    content.properties = package.documents.first().map(properties).unwrap_or_default();
    content
}

fn page(
    package: &Package,
    layout: &Layout,
    index: usize,
    number: u32,
    limits: &Limits,
    (objects, letters): (&mut Objects, &mut Letters),
) -> (Page, Vec<OfdTrouble>) {
    let (mut drawn, troubles) = package.page(layout, index);
    let points = Matrix([POINTS, 0.0, 0.0, POINTS, 0.0, 0.0]);
    let stored = Size { width: drawn.area.width * POINTS, height: drawn.area.height * POINTS };
    for item in &mut drawn.items {
        item.transform = points.after(&item.transform);
    }
    let shapes = shapes::of(&drawn.items, package, layout);
    let mut found = text::of(&drawn.items, (package, layout), letters, &shapes, stored);
    let turn = pdf::turn::of(&found.marks);
    let size = pdf::turn::turned_size(stored, turn);
    let upright = |bounds: Rect| bounds.turned(stored, turn);
    for mark in &mut found.marks {
        mark.bounds = upright(mark.bounds);
        mark.angle = pdf::turn::turned_angle(mark.angle, turn);
    }
    let on_page = |list: &[Rect]| -> Vec<Rect> {
        let all = list.iter().map(|bounds| pdf::within(upright(*bounds), size));
        all.filter(|bounds| bounds.width() > 0.0 && bounds.height() > 0.0).take(limits.words).collect()
    };
    let (strokes, pictures) = (on_page(&shapes.strokes), on_page(&shapes.pictures));
    let (seen, mut hidden) = hidden::split(&found.marks);
    hidden.truncate(limits.words);
    let words: Vec<Word> = seen.into_iter().map(|found| found.word).take(limits.words).collect();
    let layer = pdf::layer(&words, &pictures, size, shapes.paths);
    let id = layout.pages.get(index).map(|(id, _)| id.clone()).unwrap_or_default();
    for (object, printed) in found.printed {
        let printed = Printed { bounds: upright(printed.bounds), ..printed };
        objects.entry((id.clone(), object)).or_default().push((number, printed));
    }
    let doubtful = on_page(&found.doubtful);
    let page =
        Page { number, size, turn, words, strokes, pictures, layer, hidden, doubtful, ..Page::default() };
    (page, troubles)
}

/// Fields that the layout names by pointing at what is printed, with their places.
fn tagged(layout: &Layout, objects: &Objects) -> Option<Payload> {
    let mut payload = Payload { kind: "CustomTag".to_owned(), ..Payload::default() };
    for tag in &layout.tags {
        let pieces = tag.objects.iter().map(|reference| {
            let found = objects.get(&(reference.page.clone(), reference.object.clone()))?;
            // An identifier that stands twice on a page names nothing.
            let [(page, printed)] = found.as_slice() else { return None };
            (!printed.broken).then_some((*page, printed))
        });
        // Half a value is worse than none.
        let Some(pieces) = pieces.collect::<Option<Vec<_>>>() else { continue };
        let mut node = Node { path: format!("CustomTag/{}", tag.path), ..Node::default() };
        for (page, printed) in pieces.into_iter().filter(|(_, printed)| !printed.text.trim().is_empty()) {
            node.text.push_str(&printed.text);
            node.places.push((page, printed.bounds));
        }
        node.text = node.text.trim().to_owned();
        if !node.text.is_empty() {
            payload.nodes.push(node);
        }
    }
    (!payload.nodes.is_empty()).then_some(payload)
}

/// Values that the package names without saying where they are printed.
fn named(layout: &Layout) -> Option<Payload> {
    let node = |(name, text): &(String, String)| Node {
        path: format!("CustomData/{name}"),
        text: text.clone(),
        places: Vec::new(),
    };
    let nodes: Vec<Node> =
        layout.custom.iter().filter(|(name, text)| !name.is_empty() && !text.is_empty()).map(node).collect();
    (!nodes.is_empty()).then(|| Payload { kind: "CustomData".to_owned(), part: "OFD.xml".to_owned(), nodes })
}

/// Reads the files that travel with a document, as those of an archive.
fn attached(source: &Source<'_>, package: &Package, layout: &Layout, content: &mut Content) {
    let mut taken = BTreeSet::new();
    let once = layout.attachments.iter().filter(|one| taken.insert(one.path.as_str()));
    let files: Vec<archive::Unpacked> =
        once.filter_map(|one| Some((one.path.clone(), Arc::from(package.files.get(&one.path)?)))).collect();
    if !files.is_empty() && source.depth >= source.limits.archive_depth {
        content.problems.push(archive::too_deep(source.limits.archive_depth));
        return;
    }
    content.parts.extend(archive::parts(source.name, files, source.limits, source.depth));
}

fn properties(layout: &Layout) -> Properties {
    let info = |name: &str| layout.info.get(name).filter(|text| !text.is_empty()).cloned();
    let custom = |name: &str| layout.custom.iter().find(|(own, _)| own == name).map(|(_, text)| text.clone());
    Properties {
        producer: custom("native-producer").or_else(|| custom("ofd.producer")).or_else(|| info("Creator")),
        creator: info("Creator").or_else(|| info("Author")),
        created: info("CreationDate"),
        modified: info("ModDate"),
        ..Properties::default()
    }
}

/// What was said already: pages share templates and resources.
#[derive(Default)]
struct Said(BTreeSet<String>);

impl Said {
    fn all(&mut self, troubles: Vec<OfdTrouble>, page: Option<u32>, content: &mut Content) {
        for trouble in troubles {
            if self.0.insert(trouble.to_string()) {
                let problem = problem(&trouble);
                content.problems.push(match page {
                    Some(page) => problem.on_page(page),
                    None => problem,
                });
            }
        }
    }
}

fn problem(trouble: &OfdTrouble) -> Problem {
    match trouble {
        OfdTrouble::Archive(ArchiveTrouble::Unreadable(why)) => Problem::new(
            "ofd-damaged",
            format!("OFD 文件已损坏，无法打开（{why}）；请重新下载后提交"),
            format!("the OFD is damaged and cannot be opened ({why}); download it again"),
        ),
        OfdTrouble::Archive(other) => archive::problem(other),
        OfdTrouble::Missing { path } => Problem::new(
            "ofd-part-missing",
            format!("OFD 中缺少“{path}”，相应内容未读取；请重新下载完整文件后提交"),
            format!("{path:?} is missing from the OFD and was not read; download the whole file again"),
        ),
        OfdTrouble::Xml { path, trouble } => Problem::new(
            "ofd-part-damaged",
            format!("OFD 中的“{path}”已损坏（{trouble}），只读取了其余内容；请重新下载后提交"),
            format!("{path:?} in the OFD is damaged ({trouble}) and was read in part; download it again"),
        ),
        OfdTrouble::TooDeep { allowed } => Problem::new(
            "ofd-too-deep",
            format!("页面对象嵌套超过 {allowed} 层，更深处未读取；请重新导出后提交"),
            format!(
                "objects of the page are nested more than {allowed} deep and what lies deeper was not read; export it again"
            ),
        ),
        OfdTrouble::TooMuch { allowed } => Problem::new(
            "too-many-words",
            format!("本页内容过多，只读取了前 {allowed} 个对象；请拆分成多页后提交"),
            format!(
                "more stands on this page than on any document: only the first {allowed} objects were read"
            ),
        ),
    }
}

fn several(package: &Package) -> Problem {
    let mut first = 1;
    let mut places = Vec::new();
    for layout in &package.documents {
        let last = first + layout.pages.len().max(1) - 1;
        places.push(format!("{}: {first}–{last}", layout.path));
        first = last + 1;
    }
    let (count, places) = (package.documents.len(), places.join(", "));
    Problem::new(
        "ofd-several-documents",
        format!("OFD 中有 {count} 份文档，页码连续编号（{places}）；有的阅读器只显示第一份"),
        format!(
            "the OFD holds {count} documents, their pages are numbered through ({places}); some viewers show only the first"
        ),
    )
}

fn unreadable() -> Problem {
    Problem::new(
        "ofd-unreadable",
        "OFD 中没有可读取的页面；请重新下载，或提交同一文件的 PDF 版式文件",
        "the OFD has no page that can be read; download it again, or hand in its PDF form",
    )
}
