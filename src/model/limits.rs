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
    /// Pixels of one picture inside a PDF: a large drawing scanned in black and white has many.
    pub inner_pixels: u64,
    /// Files inside one archive.
    pub archive_entries: usize,
    /// Bytes that all files of one archive may unpack to together.
    pub archive_bytes: u64,
    /// Archives inside archives.
    pub archive_depth: usize,
    /// Bytes that all parts of one workbook may unpack to together.
    pub workbook_bytes: u64,
    /// Sheets of one workbook that are read.
    pub sheets: usize,
    /// Cells of one workbook that are read.
    pub cells: usize,
    /// Bytes of text that are taken from the cells of one workbook.
    pub cell_text: usize,
    /// Words of one page that are kept, and rulings and pictures as many.
    pub words: usize,
    /// Glyphs of one page that are made into words.
    pub glyphs: usize,
    /// Words, rulings and pictures of all pages of one file together.
    pub file_words: usize,
    /// Glyphs, paths, pictures and clips that are looked at in one file.
    pub file_steps: usize,
    /// Signatures of one file that are checked.
    pub signatures: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes: 200 << 20,
            pages: 600,
            pixels: 100_000_000,
            inner_pixels: 600_000_000,
            archive_entries: 2_000,
            archive_bytes: 1 << 30,
            archive_depth: 3,
            workbook_bytes: 200 << 20,
            sheets: 600,
            cells: 2_000_000,
            cell_text: 64 << 20,
            words: 50_000,
            glyphs: 200_000,
            file_words: 2_000_000,
            file_steps: 10_000_000,
            signatures: 32,
        }
    }
}
