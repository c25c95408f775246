//! Pictures of seals, which lie in the signatures and not on the pages. Whether a seal is genuine is
//! not asked here; what is missing or broken is left to who asks that.

use super::{Area, Package, values};
use crate::container::tlv;

/// A seal as it shows on a page.
#[derive(Clone, Debug, PartialEq)]
pub struct Seal {
    /// Identifier of the page.
    pub page: String,
    /// Where it shows, in millimetres of the page.
    pub place: Area,
    /// The part of that which shows here: a seal over several pages shows a strip on each.
    pub clip: Option<Area>,
    /// The file of the package that holds the picture, and the bytes of that file that are it.
    pub picture: (String, std::ops::Range<usize>),
}

impl Package {
    /// The seals of a document, from its list of signatures.
    pub(super) fn seals(&self, reference: &str) -> Vec<Seal> {
        let list = self.files.signatures(reference, self.limits.xml, self.limits.signatures);
        let mut found = Vec::new();
        for one in list.into_iter().flat_map(|list| list.files) {
            let picture = [&one.seal, &one.value].into_iter().flatten().find_map(|file| {
                let range = picture(self.files.get(file)?)?;
                Some((file.clone(), range))
            });
            let Some(picture) = picture else { continue };
            let stamps = one.information().into_iter().flat_map(|info| info.named("StampAnnot"));
            found.extend(stamps.filter_map(|stamp| {
                Some(Seal {
                    page: stamp.attribute("PageRef")?.trim().to_owned(),
                    place: stamp.attribute("Boundary").and_then(values::area)?,
                    clip: stamp.attribute("Clip").and_then(values::area),
                    picture: picture.clone(),
                })
            }));
        }
        found
    }

    /// The bytes of a seal's picture: PNG, JPEG, BMP, or a package of its own.
    #[must_use]
    pub fn seal_picture(&self, seal: &Seal) -> Option<&[u8]> {
        let (file, range) = &seal.picture;
        self.files.get(file)?.get(range.clone())
    }
}

/// Where a seal's picture lies in its DER: behind the name of its kind, as an octet string (GB/T 38540,
/// `SES_ESPictrueInfo`).
fn picture(der: &[u8]) -> Option<std::ops::Range<usize>> {
    const KINDS: &[&[u8]] = &[b"ofd", b"png", b"jpg", b"jpeg", b"bmp", b"gif"];
    (0..der.len()).find_map(|at| {
        // Kinds are short, and whatever is not is not read for one.
        let [tlv::IA5_STRING | tlv::UTF8_STRING | tlv::PRINTABLE_STRING, 0..0x80, ..] = der.get(at..)? else {
            return None;
        };
        let kind = tlv::first(der.get(at..)?)?;
        if !KINDS.iter().any(|known| known.eq_ignore_ascii_case(kind.value)) {
            return None;
        }
        let from = at + kind.raw.len();
        let octets = tlv::first(der.get(from..)?).filter(|next| next.tag == tlv::OCTETS)?;
        let end = from + octets.raw.len();
        (octets.value.len() > 16).then(|| end - octets.value.len()..end)
    })
}
