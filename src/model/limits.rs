//! How much of anything from outside is taken in. Every reader is handed these; none has its own.

/// Upper bounds for hostile or broken input.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Bytes of one file.
    pub file_bytes: u64,
    /// Pages of one file that are read.
    pub pages: usize,
    /// Pixels of one picture (width × height) that are decoded.
    pub pixels: u64,
    /// Files inside one archive.
    pub archive_entries: usize,
    /// Bytes that all files of one archive may unpack to together.
    pub archive_bytes: u64,
    /// Archives inside archives.
    pub archive_depth: usize,
    /// Cells of one workbook that are read.
    pub cells: usize,
    /// Words of one page that are kept.
    pub words: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes: 200 << 20,
            pages: 600,
            pixels: 100_000_000,
            archive_entries: 2_000,
            archive_bytes: 1 << 30,
            archive_depth: 3,
            cells: 2_000_000,
            words: 200_000,
        }
    }
}
