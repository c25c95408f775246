//! One file as it was handed in, opened as far as its format allows.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{
    finding::Message,
    name::{self, Name},
    page::{Page, Sheet},
    payload::Payload,
    problem::Problem,
    signature::Signature,
};

/// The SHA-256 of a file's bytes, in lower-case hex: the same bytes are the same document.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DocumentId(pub String);

/// What a file is, told from its content and not from its name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Format {
    /// Portable Document Format.
    Pdf,
    /// Portable Network Graphics.
    Png,
    /// JPEG picture.
    Jpeg,
    /// TIFF picture, possibly of several pages.
    Tiff,
    /// Office Open XML workbook.
    Xlsx,
    /// Binary workbook of Office Open XML.
    Xlsb,
    /// Old workbook (xls, and et of WPS).
    Xls,
    /// Open Document workbook.
    Ods,
    /// Workbook in the XML of Excel 2003.
    SpreadsheetXml,
    /// HTML page with a table, as systems export it under the name of a workbook.
    HtmlTable,
    /// Comma, tab or semicolon separated text.
    Csv,
    /// Open Fixed-layout Document (GB/T 33190).
    Ofd,
    /// Structured data, such as an invoice as the tax bureau issues it.
    Xml,
    /// Office Open XML text document.
    Docx,
    /// Windows bitmap.
    Bmp,
    /// WebP picture.
    Webp,
    /// GIF picture.
    Gif,
    /// HEIC picture, as phones take them.
    Heic,
    /// Zip archive of further files.
    Zip,
    /// 7-Zip archive of further files.
    SevenZip,
    /// RAR archive of further files.
    Rar,
    /// Tar archive of further files.
    Tar,
    /// A file or a tar archive packed with gzip.
    Gzip,
    /// A file or a tar archive packed with bzip2.
    Bzip2,
    /// A file or a tar archive packed with xz.
    Xz,
    /// An e-mail with the files that hang on it.
    Mail,
    /// Recognised, but no reader is built for it yet; the name is what it was recognised as.
    Unsupported(#[serde(with = "name")] Name),
    /// Not recognised at all.
    #[default]
    Unknown,
}

impl Format {
    /// Whether its pages are pictures with pixels of their own; pages of other formats are drawn with
    /// as many as are wanted.
    #[must_use]
    pub const fn is_picture(self) -> bool {
        matches!(self, Self::Png | Self::Jpeg | Self::Tiff | Self::Bmp | Self::Webp | Self::Gif | Self::Heic)
    }

    /// The name used in outputs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Png => "png",
            Self::Jpeg => "jpeg",
            Self::Tiff => "tiff",
            Self::Xlsx => "xlsx",
            Self::Xlsb => "xlsb",
            Self::Xls => "xls",
            Self::Ods => "ods",
            Self::SpreadsheetXml => "xml-spreadsheet",
            Self::HtmlTable => "html",
            Self::Csv => "csv",
            Self::Ofd => "ofd",
            Self::Xml => "xml",
            Self::Docx => "docx",
            Self::Bmp => "bmp",
            Self::Webp => "webp",
            Self::Gif => "gif",
            Self::Heic => "heic",
            Self::Zip => "zip",
            Self::SevenZip => "7z",
            Self::Rar => "rar",
            Self::Tar => "tar",
            Self::Gzip => "gzip",
            Self::Bzip2 => "bzip2",
            Self::Xz => "xz",
            Self::Mail => "eml",
            Self::Unsupported(name) => name,
            Self::Unknown => "unknown",
        }
    }

    /// Whether it only wraps further files and says nothing of its own.
    #[must_use]
    pub const fn is_archive(self) -> bool {
        matches!(
            self,
            Self::Zip | Self::SevenZip | Self::Rar | Self::Tar | Self::Gzip | Self::Bzip2 | Self::Xz
        )
    }

    /// Whether further files can be unpacked from it one by one.
    #[must_use]
    pub const fn holds_files(self) -> bool {
        self.is_archive() || matches!(self, Self::Mail)
    }
}

/// What a file says about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Properties {
    /// The program that wrote the file.
    pub producer: Option<String>,
    /// The program in which it was composed.
    pub creator: Option<String>,
    /// When it was created, as printed in the file.
    pub created: Option<String>,
    /// When it was last changed, as printed in the file.
    pub modified: Option<String>,
    /// How often the file was written to (PDF: its first state and every update behind it); 0 where unknown.
    pub revisions: u32,
    /// What is worth a look about it. None of it proves anything.
    pub remarks: Vec<Message>,
    /// Whether the pages are a layout of this program's own, since the format has none.
    pub laid_out: bool,
}

/// One file as it was handed in.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Document {
    /// Content hash.
    pub id: DocumentId,
    /// Path inside the case; for a file inside an archive, `archive.zip/inner/path.pdf`.
    pub name: String,
    /// What it is.
    pub format: Format,
    /// The bytes as handed in, so that pages can be drawn later. They travel beside the document, as
    /// they are, and so do its parts: what is sent holds no document inside a document.
    #[serde(skip)]
    pub bytes: Arc<[u8]>,
    /// Pages of documents and pictures.
    pub pages: Vec<Page>,
    /// Sheets of workbooks and separated text.
    pub sheets: Vec<Sheet>,
    /// Files inside this one.
    #[serde(skip)]
    pub parts: Vec<Document>,
    /// What the file says about itself.
    pub properties: Properties,
    /// Structured data inside the file, or the file itself where it is that.
    pub payloads: Vec<Payload>,
    /// Signatures and seals; empty where nothing is signed.
    pub signatures: Vec<Signature>,
    /// What could not be read.
    pub problems: Vec<Problem>,
}
