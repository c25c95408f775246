//! Pictures: their pages and sizes. What stands on them is for `recognize`.

use std::sync::Arc;

use super::Content;
use crate::{
    container::picture::{self, Header},
    model::{
        geometry::{Size, Turn},
        limits::Limits,
        page::Page,
        problem::Problem,
    },
};

/// Reads headers only; nothing is decoded, so that a huge picture costs nothing.
pub(super) fn read(bytes: &Arc<[u8]>, limits: &Limits) -> Content {
    let headers = picture::headers(bytes, limits.pages.saturating_add(1));
    let mut content = Content::default();
    if headers.is_empty() {
        content.problems.push(unreadable());
    }
    if headers.len() > limits.pages {
        content.problems.push(super::too_many_pages(headers.len(), limits.pages));
    }
    for (number, header) in (1..).zip(headers.iter().take(limits.pages)) {
        let pixels = u64::from(header.width) * u64::from(header.height);
        if pixels == 0 {
            content.problems.push(unreadable().on_page(number));
        } else if pixels > limits.pixels {
            content.problems.push(too_large(header, limits.pixels).on_page(number));
        } else if let Some(variant) = header.refused {
            content.problems.push(refused(variant).on_page(number));
        } else {
            content.pages.push(page(number, header));
            if header.cut {
                content.problems.push(cut().on_page(number));
            }
            if header.moving {
                content.problems.push(moving().on_page(number));
            }
        }
    }
    content
}

fn page(number: u32, header: &Header) -> Page {
    let (across, down) = header.dpi.unwrap_or((72.0, 72.0));
    let (width, height) = (f64::from(header.width) * 72.0 / across, f64::from(header.height) * 72.0 / down);
    // Exif orientation, CIPA DC-008, 4.6.4. Mirrored forms are mirrored while they are decoded, left
    // to right, so that what remains is a turn.
    let turn = match header.orientation {
        3 | 4 => Turn::Half,
        6 | 7 => Turn::Quarter,
        5 | 8 => Turn::ThreeQuarters,
        _ => Turn::None,
    };
    let size = match turn {
        Turn::None | Turn::Half => Size { width, height },
        Turn::Quarter | Turn::ThreeQuarters => Size { width: height, height: width },
    };
    Page { number, size, turn, dpi: across, assumed_dpi: header.dpi.is_none(), ..Page::default() }
}

fn unreadable() -> Problem {
    Problem::new(
        "picture-unreadable",
        "图片文件头损坏，无法读取；请重新扫描或拍照后提交",
        "the picture's header is damaged; scan or photograph it again",
    )
}

fn refused(variant: &str) -> Problem {
    Problem::new(
        "picture-variant",
        format!("图片采用少见的编码（{variant}），不支持；请另存为普通 JPEG、PNG 或 PDF 后提交"),
        format!(
            "the picture is of a rare kind ({variant}) that is not read; save it as plain JPEG, PNG or PDF"
        ),
    )
}

fn cut() -> Problem {
    Problem::new(
        "picture-incomplete",
        "图片文件不完整，末尾缺失，下方内容可能缺失；请重新扫描或重新上传",
        "the picture's file ends too early and its lower part may be missing; scan or upload it again",
    )
}

fn moving() -> Problem {
    Problem::new(
        "picture-animated",
        "这是动画图片，只读取第一帧；请另存为普通图片后提交",
        "the picture is animated and only its first frame was read; save it as a plain picture",
    )
}

fn too_large(header: &Header, allowed: u64) -> Problem {
    let (width, height) = (header.width, header.height);
    Problem::new(
        "picture-too-large",
        format!("图片过大：{width} × {height} 像素，最多允许 {allowed} 像素；请缩小后提交（300 dpi 即可）"),
        format!(
            "the picture has {width} × {height} pixels, at most {allowed} are taken; hand in a smaller one (300 dpi is enough)"
        ),
    )
}
