//! The bounds of every container, from those that hold for a whole file.
//!
//! Whoever opens a package, to read, to draw or to check it, opens it within these.

use crate::model::limits::Limits;

use super::{archive::ArchiveLimits, ofd::OfdLimits, word::WordLimits, xml::XmlLimits};

impl ArchiveLimits {
    /// For an archive whose files are documents of their own.
    #[must_use]
    pub const fn of_archive(limits: &Limits) -> Self {
        Self {
            entries: limits.archive_entries,
            total_bytes: limits.archive_bytes,
            ratio: limits.archive_ratio,
            memory: limits.unpacker_memory,
        }
    }

    /// For an archive that is one document: a workbook, an OFD, a Word document.
    #[must_use]
    pub const fn of_package(limits: &Limits) -> Self {
        Self { total_bytes: limits.workbook_bytes, ..Self::of_archive(limits) }
    }
}

impl XmlLimits {
    /// For one XML file.
    #[must_use]
    pub const fn of(limits: &Limits) -> Self {
        Self { bytes: limits.xml_bytes, nodes: limits.xml_nodes, depth: limits.xml_depth }
    }
}

impl OfdLimits {
    /// For one OFD package.
    #[must_use]
    pub const fn of(limits: &Limits) -> Self {
        Self {
            archive: ArchiveLimits::of_package(limits),
            xml: XmlLimits::of(limits),
            signatures: limits.signatures,
            objects: limits.glyphs,
            pieces: limits.file_steps / 4,
        }
    }
}

impl WordLimits {
    /// For one Word document.
    #[must_use]
    pub const fn of(limits: &Limits) -> Self {
        Self {
            archive: ArchiveLimits::of_package(limits),
            nodes: limits.file_words,
            pages: limits.pages,
            words: limits.file_words,
        }
    }
}
