//! The places a finding cites: crops of pages with the boxes over them, cells, declared fields.
//!
//! Boxes that stand near each other on one page share a picture, so that an invoice is seen once
//! and not once for each of its fields.

use maud::{Markup, html};

use crate::{
    model::{anchor::Anchor, geometry::Rect, value::Value},
    report::{
        Crop,
        cited::{self, Cited, document_of},
        terms, words,
    },
};

use super::Desk;

/// Pictures shown for one finding; the places of the rest are listed.
const MOST_PICTURES: usize = 12;

/// How far apart boxes may stand, in points, and share a picture.
const NEAR: f64 = 60.0;

/// How tall the part of a page may be that one picture shows, in points.
const TALLEST: f64 = 360.0;

/// Boxes on one page that share a picture.
struct Cluster<'a> {
    paper: usize,
    page: u32,
    around: Rect,
    boxes: Vec<(&'a Cited<'a>, Rect)>,
}

/// Everything a finding cites.
pub(super) fn all(desk: Desk<'_>, cited: &[&Cited<'_>]) -> Markup {
    let lang = desk.lang;
    let mut clusters = clusters(cited);
    let hidden = clusters.split_off(clusters.len().min(MOST_PICTURES));
    let others: Vec<&&Cited<'_>> = cited.iter().filter(|item| first_box(item).is_none()).collect();
    html! {
        @if !clusters.is_empty() {
            div.figures { @for cluster in &clusters { (figure(desk, cluster)) } }
        }
        @if !hidden.is_empty() {
            details.more {
                summary { (lang.of("其余位置 ", "Further places ")) (hidden.len()) }
                ul { @for cluster in &hidden { @for (item, _) in &cluster.boxes {
                    li { (item.place(lang)) " · " (item.name(lang)) " " span.raw { (item.raw()) } }
                } } }
            }
        }
        @if !others.is_empty() {
            div.scroll { table.places {
                thead { tr {
                    th { (lang.of("出处", "Source")) }
                    th { (lang.of("位置", "Place")) }
                    th { (lang.of("内容", "Field")) }
                    th { (lang.of("原文", "As it stands")) }
                } }
                tbody { @for item in others {
                    tr {
                        td.file { @if item.paper.is_some() { (item.file) } @else { (lang.of("申报书", "Declaration")) } }
                        td.mono { @match item.fact.evidence.anchors.first() {
                            Some(anchor) => { (cited::place(anchor, lang)) }
                            None => { (item.field) }
                        } }
                        td { (item.name(lang)) }
                        td { (reading(desk, item)) }
                    }
                } }
            } }
        }
    }
}

/// The files a finding rests on, in one line.
pub(super) fn places(desk: Desk<'_>, cited: &[&Cited<'_>]) -> Markup {
    let mut files: Vec<&str> = Vec::new();
    for item in cited {
        let file = if item.paper.is_some() { item.file } else { desk.lang.of("申报书", "declaration") };
        if !files.contains(&file) {
            files.push(file);
        }
    }
    html! {
        @for (at, file) in files.iter().take(3).enumerate() { @if at > 0 { br; } span.file { (file) } }
        @if files.len() > 3 { br; "… " (files.len()) }
    }
}

/// What stands there, what it was read as where that differs, and what is doubtful about it.
fn reading(desk: Desk<'_>, item: &Cited<'_>) -> Markup {
    let raw = item.raw();
    let value = item.fact.value.as_ref().map(Value::wire);
    let dense = |text: &str| text.chars().filter(|c| !c.is_whitespace() && *c != ',').collect::<String>();
    html! {
        @if raw.is_empty() { span.doubt { (desk.lang.of("未能读出", "unread")) } }
        @else { span.raw { (raw) } }
        @match &value {
            Some(value) if !raw.is_empty() && !dense(&raw).contains(value.as_str()) => { " " span.faint.nowrap[value.chars().count() <= 20] { "= " (item.fact.value.as_ref().map(words::value).unwrap_or_default()) } }
            None if !raw.is_empty() => { " " span.doubt { (desk.lang.of("未能读出", "unread")) } }
            _ => {}
        }
        @if let Some(problem) = item.fact.problem { " " code { (problem) } }
        @for other in &item.fact.evidence.readings {
            @if other.differs_from(item.fact) && let Some(value) = &other.value {
                div.doubt { "≠ " (terms::reader(other.by, desk.lang)) " " (words::value(value)) }
            }
        }
    }
}

fn first_box(item: &Cited<'_>) -> Option<(u32, Rect)> {
    item.paper?;
    match item.fact.evidence.anchors.first()? {
        Anchor::Box { page, bounds } => Some((*page, *bounds)),
        _ => None,
    }
}

/// Groups boxes by page and nearness, in the order they are cited.
fn clusters<'a>(cited: &[&'a Cited<'a>]) -> Vec<Cluster<'a>> {
    let mut clusters: Vec<Cluster<'a>> = Vec::new();
    for item in cited {
        let (Some(paper), Some((page, _))) = (item.paper, first_box(item)) else { continue };
        for anchor in &item.fact.evidence.anchors {
            let Anchor::Box { page: on, bounds } = anchor else { continue };
            if *on != page {
                continue;
            }
            let near = clusters.iter_mut().find(|cluster| {
                cluster.paper == paper
                    && cluster.page == page
                    && -cluster.around.overlap_y(bounds) <= NEAR
                    && cluster.around.union(bounds).height() <= TALLEST
            });
            match near {
                Some(cluster) => {
                    cluster.around = cluster.around.union(bounds);
                    cluster.boxes.push((item, *bounds));
                }
                None => clusters.push(Cluster { paper, page, around: *bounds, boxes: vec![(item, *bounds)] }),
            }
        }
    }
    clusters
}

fn figure(desk: Desk<'_>, cluster: &Cluster<'_>) -> Markup {
    let paper = desk.case.papers.get(cluster.paper);
    let crop = paper
        .and_then(|paper| document_of(paper, &desk.case.documents))
        .and_then(|document| (desk.crops)(document, cluster.page, cluster.around));
    let many = cluster.boxes.len() > 1;
    html! {
        figure {
            @match &crop {
                Some(crop) => { (picture(crop, cluster, desk)) }
                None => { p.undrawn { (desk.lang.of("此页无法绘出，请打开原文件核对。", "This page could not be drawn; please open the file.")) } }
            }
            figcaption {
                div.source {
                    span.file { (paper.map(|paper| paper.file.as_str()).unwrap_or_default()) } " "
                    span.page { (cited::place(&Anchor::Box { page: cluster.page, bounds: cluster.around }, desk.lang)) }
                }
                ol.plain[!many] { @for (item, _) in &cluster.boxes {
                    li { b { (item.name(desk.lang)) } " " (reading(desk, item)) }
                } }
            }
        }
    }
}

/// The crop with a box round each place, numbered where there are several.
fn picture(crop: &Crop, cluster: &Cluster<'_>, desk: Desk<'_>) -> Markup {
    let (width, height) = (f64::from(crop.width.max(1)), f64::from(crop.height.max(1)));
    let many = cluster.boxes.len() > 1;
    let radius = (width / 52.0).clamp(7.0, 26.0);
    let href = format!("data:{};base64,{}", crop.mime, base64(&crop.bytes));
    let label = cluster.boxes.iter().map(|(item, _)| item.name(desk.lang)).collect::<Vec<_>>().join(", ");
    html! {
        svg viewBox=(format!("0 0 {width} {height}")) role="img" aria-label=(label)
            style=(format!("max-width:{width}px")) {
            image href=(href) width=(width) height=(height) {}
            @for (at, (_, bounds)) in cluster.boxes.iter().enumerate() {
                @let b = inside(crop, &cluster.around, bounds);
                rect.box x=(number(b.left)) y=(number(b.top)) width=(number(b.width())) height=(number(b.height())) {}
                @if many {
                    @let (x, y) = ((b.left - radius).max(radius), b.top.max(radius));
                    circle.tag cx=(number(x)) cy=(number(y)) r=(number(radius)) {}
                    text.tag x=(number(x)) y=(number(y + radius * 0.4)) font-size=(number(radius * 1.2)) { (at + 1) }
                }
            }
        }
    }
}

/// A box of the page in pixels of the crop, with a little air.
fn inside(crop: &Crop, around: &Rect, bounds: &Rect) -> Rect {
    let scale = |pixels: f64, points: f64| if points > 0.0 { pixels / points } else { 1.0 };
    let x = scale(crop.bounds.width(), around.width());
    let y = scale(crop.bounds.height(), around.height());
    Rect::new(
        crop.bounds.left + (bounds.left - around.left) * x,
        crop.bounds.top + (bounds.top - around.top) * y,
        crop.bounds.left + (bounds.right - around.left) * x,
        crop.bounds.top + (bounds.bottom - around.top) * y,
    )
    .grown(2.0 * x.clamp(0.5, 4.0))
}

/// A coordinate to a tenth, so that the same picture gives the same text.
fn number(value: f64) -> String {
    format!("{value:.1}")
}

/// RFC 4648, section 4.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let group = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            let digit = DIGITS.get((group >> (18 - 6 * place) & 63) as usize).copied().unwrap_or(b'=');
            out.push(if place <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    out
}
