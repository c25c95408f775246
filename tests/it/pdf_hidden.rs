//! PDF: what nobody sees is said and never read, and what is seen is not called hidden.

use heyan::model::{
    geometry::Turn,
    page::{Concealment, Page, TextLayer},
};

use super::{
    formats::pdf,
    pdf::{SHEET, codes, document, page_with, texts},
};

/// What is tried, the content of the page, the words that are seen, and those that are not.
type Hidden<'a> = (&'a str, String, &'a str, &'a [(&'a str, Concealment)]);

fn hidden(page: &Page) -> Vec<(&str, Concealment)> {
    page.hidden.iter().map(|word| (word.text.as_str(), word.concealment)).collect()
}

/// A white page through a clip along its edges, made of so many pieces.
fn frame(pieces: usize) -> String {
    let saw = |from: f64, to: f64| -> String {
        let step = |at: usize| {
            2.0 + 396.0 * f64::from(u32::try_from(at).unwrap_or(0))
                / f64::from(u32::try_from(pieces).unwrap_or(1))
        };
        (0..=pieces).map(|at| format!("{} {} l ", step(at), if at % 2 == 0 { from } else { to })).collect()
    };
    format!(
        "q 2 2 m {} 398 20 l 2 20 l h 2 280 m {} 398 298 l 2 298 l h W n 1 g 0 0 400 300 re f Q",
        saw(2.0, 4.0),
        saw(280.0, 282.0)
    )
}

#[test]
fn what_nobody_sees_is_said_and_never_read() {
    let at = |text: &str| format!("BT /F 20 Tf 1 0 0 1 100 100 Tm {text} ET");
    let table: &[Hidden] = &[
        ("invisible", at("(seen) Tj 3 Tr (hidden) Tj"), "seen", &[("hidden", Concealment::Invisible)]),
        ("white on white", at("(seen) Tj 1 g (hidden) Tj"), "seen", &[("hidden", Concealment::GroundColour)]),
        ("nearly white", at("(seen) Tj .98 g (hidden) Tj"), "seen", &[("hidden", Concealment::GroundColour)]),
        (
            "blue on blue",
            format!(
                "{} 0 0 1 rg 90 90 300 40 re f {}",
                "BT /F 20 Tf 1 0 0 1 9 9 Tm (seen) Tj ET",
                at("(hidden) Tj")
            ),
            "seen",
            &[("hidden", Concealment::GroundColour)],
        ),
        (
            "covered by white",
            format!("{} 1 g 140 90 200 40 re f", at("(seen) Tj (hidden) Tj")),
            "seen",
            &[("hidden", Concealment::Covered)],
        ),
        (
            "beside the page",
            at("(seen) Tj 1 0 0 1 -500 100 Tm (hidden) Tj"),
            "seen",
            &[("hidden", Concealment::OffPage)],
        ),
        (
            "clipped away",
            format!("q 0 0 50 50 re W n {} Q {}", at("(hidden) Tj"), "BT /F 20 Tf 9 9 Td (seen) Tj ET"),
            "seen",
            &[("hidden", Concealment::OffPage)],
        ),
        (
            "under a thick white line",
            format!("{} 1 G 40 w 140 110 m 340 110 l S", at("(seen) Tj (hidden) Tj")),
            "seen",
            &[("hidden", Concealment::Covered)],
        ),
        ("a speck", at("(seen) Tj /F .5 Tf (hidden) Tj"), "seen", &[("hidden", Concealment::Invisible)]),
        (
            "between the parts of a clip",
            format!(
                "q 0 0 5 5 re 390 290 5 5 re W n {} Q {}",
                at("(hidden) Tj"),
                "BT /F 20 Tf 9 9 Td (seen) Tj ET"
            ),
            "seen",
            &[("hidden", Concealment::OffPage)],
        ),
        (
            "a clip through which only white is seen",
            format!(
                "{} q BT /F 20 Tf 100 100 Td 7 Tr (hidden) Tj ET 1 g 90 90 200 40 re f Q",
                "BT /F 20 Tf 9 9 Td (seen) Tj ET"
            ),
            "seen",
            &[("hidden", Concealment::GroundColour)],
        ),
        (
            "a clip through which nothing is painted there",
            format!(
                "{} q BT /F 20 Tf 100 100 Td 7 Tr (hidden) Tj ET 0 g 300 250 50 40 re f Q",
                "BT /F 20 Tf 9 9 Td (seen) Tj ET"
            ),
            "seen",
            &[("hidden", Concealment::Invisible)],
        ),
    ];
    for (what, content, seen, unseen) in table {
        let read = document(pdf(content));
        let page = &read.pages[0];
        assert_eq!(texts(page).concat(), *seen, "{what}");
        assert_eq!(hidden(page), *unseen, "{what}");
        assert_eq!(codes(&read), ["hidden-text"], "{what}");
        assert_eq!(read.problems[0].page, Some(1), "{what}");
    }
    for (opacity, how) in [(".0", Concealment::Invisible), (".035", Concealment::Invisible)] {
        let state = format!("/ExtGState<</G<</ca {opacity}>>>>");
        let read = document(page_with(&at("(seen) Tj /G gs (hidden) Tj"), SHEET, &state, &[]));
        assert_eq!(hidden(&read.pages[0]), [("hidden", how)], "as opaque as {opacity}");
        assert_eq!(texts(&read.pages[0]), ["seen"]);
    }
    let grey = page_with(&at("(seen) Tj /G gs .9 g (hidden) Tj"), SHEET, "/ExtGState<</G<</ca .3>>>>", &[]);
    assert_eq!(hidden(&document(grey).pages[0]), [("hidden", Concealment::GroundColour)], "grey and thin");
    let cover = format!("{} /G gs 1 g 140 90 200 40 re f", at("(seen) Tj (hidden) Tj"));
    let cover = page_with(&cover, SHEET, "/ExtGState<</G<</ca .98>>>>", &[]);
    assert_eq!(hidden(&document(cover).pages[0]), [("hidden", Concealment::Covered)], "nearly all covered");
}

#[test]
fn what_may_be_hidden_is_read_as_a_picture() {
    let at = |text: &str| format!("BT /F 20 Tf 1 0 0 1 100 100 Tm {text} ET");
    let picture = "<</Subtype/Image/Width 1/Height 1/BitsPerComponent 8/ColorSpace/DeviceGray/Length 1>>stream\nX\nendstream";
    let table = [
        (
            "white on a picture",
            format!("q 150 0 0 40 270 90 cm /I Do Q {}", at("(seen-and-believed) Tj 1 g ( unsure) Tj")),
        ),
        ("white, multiplied", at("(seen-and-believed) Tj /M gs 1 g ( unsure) Tj")),
        ("black, lightening", at("(seen-and-believed) Tj /L gs ( unsure) Tj")),
    ];
    for (what, content) in table {
        let resources = "/XObject<</I 6 0 R>>/ExtGState<</M<</BM/Multiply>>/L<</BM/Screen>>>>";
        let read = document(page_with(&content, SHEET, resources, &[picture]));
        let page = &read.pages[0];
        assert_eq!((texts(page), page.layer), (vec!["seen-and-believed"], TextLayer::Trusted), "{what}");
        assert_eq!(page.doubtful.len(), 1, "{what}");
    }
}

#[test]
fn hidden_text_turns_no_page() {
    let seen = "BT /F 12 Tf 40 250 Td (an upright page of words) Tj ET";
    let unseen =
        "BT /F 12 Tf 1 g 0 1 -1 0 30 20 Tm (much more text that runs up the page and is white) Tj ET";
    let read = document(pdf(&format!("{seen} {unseen}")));
    assert_eq!(
        (texts(&read.pages[0]).concat().as_str(), read.pages[0].turn),
        ("anuprightpageofwords", Turn::None)
    );
}

#[test]
fn what_is_seen_is_not_called_hidden() {
    let at = |text: &str| format!("BT /F 20 Tf 1 0 0 1 100 100 Tm {text} ET");
    let table: &[(&str, String, &str)] = &[
        ("white on black", format!("90 90 200 40 re f 1 g {}", at("(word) Tj")), ""),
        ("black over white", format!("1 g 90 90 200 40 re f 0 g {}", at("(word) Tj")), ""),
        ("white halo below", at("1 g (word) Tj 0 g 1 0 0 1 100.5 100.5 Tm (word) Tj"), ""),
        ("filled white, outlined black", at("1 g 0 G 2 Tr (word) Tj"), ""),
        ("a frame round it", format!("{} 90 90 200 40 re S", at("(word) Tj")), ""),
        ("a cover beside it", format!("{} 1 g 10 90 80 40 re f", at("(word) Tj")), ""),
        ("half covered", format!("{} 1 g 90 110 200 40 re f", at("(word) Tj")), ""),
        (
            "a veil over it",
            format!("{} /G gs 1 g 90 90 200 40 re f", at("(word) Tj")),
            "/ExtGState<</G<</ca .5>>>>",
        ),
        (
            "a marker over it",
            format!("{} /G gs 1 1 0 rg 90 90 200 40 re f", at("(word) Tj")),
            "/ExtGState<</G<</BM/Multiply>>>>",
        ),
        ("drawn as a clip", "q BT /F 20 Tf 100 100 Td 7 Tr (word) Tj ET 90 90 200 40 re f Q".to_owned(), ""),
        ("white on a thick line", format!("40 w 90 110 m 290 110 l S 1 g {}", at("(word) Tj")), ""),
        ("a thick line beside it", format!("{} 1 G 40 w 10 110 m 80 110 l S", at("(word) Tj")), ""),
        (
            "a cover through a clip of three corners",
            format!("{} q 0 0 m 400 0 l 400 90 l h W n 1 g 0 0 400 300 re f Q", at("(word) Tj")),
            "",
        ),
        ("a cover through a clip of many pieces", format!("{} {}", at("(word) Tj"), frame(300)), ""),
        (
            "a long word drawn as a clip",
            "q BT /F 20 Tf 100 100 Td 7 Tr (w) Tj (o) Tj (r) Tj (d) Tj ET 0 0 400 300 re f Q".to_owned(),
            "",
        ),
        (
            "a cover held off by a clip",
            format!("{} q 0 0 50 50 re W n 1 g 0 0 400 300 re f Q", at("(word) Tj")),
            "",
        ),
    ];
    for (what, content, resources) in table {
        let read = document(page_with(content, SHEET, resources, &[]));
        assert_eq!(texts(&read.pages[0]), ["word"], "{what}: {:?}", hidden(&read.pages[0]));
        assert_eq!(codes(&read), Vec::<&str>::new(), "{what}");
    }
}

#[test]
fn an_invisible_layer_under_a_scan_is_usual() {
    let picture = "<</Subtype/Image/Width 1/Height 1/BitsPerComponent 8/ColorSpace/DeviceGray/Length 1>>stream\nX\nendstream";
    let words = "BT /F 20 Tf 100 100 Td 3 Tr (recognised by a scanner) Tj ET";
    for (what, content) in [
        ("invisible", format!("q 400 0 0 300 0 0 cm /I Do Q {words}")),
        (
            "under the picture",
            "BT /F 20 Tf 100 100 Td (recognised by a scanner) Tj ET q 400 0 0 300 0 0 cm /I Do Q".to_owned(),
        ),
    ] {
        let read = document(page_with(&content, SHEET, "/XObject<</I 6 0 R>>", &[picture]));
        assert_eq!(codes(&read), ["invisible-layer"], "{what}");
        assert_eq!((texts(&read.pages[0]), read.pages[0].layer), (vec![], TextLayer::None), "{what}");
        assert_eq!(read.pages[0].hidden.len(), 4, "{what}");
    }
}

/// A profile (ICC.1:2001) in which red and blue change places.
fn swapped_profile() -> Vec<u8> {
    fn fixed(values: [f64; 3]) -> Vec<u8> {
        #[expect(clippy::cast_possible_truncation, reason = "colours lie between -1 and 1")]
        values.iter().flat_map(|value| ((value * 65536.0) as i32).to_be_bytes()).collect()
    }
    let xyz = |values| [b"XYZ \0\0\0\0".to_vec(), fixed(values)].concat();
    let curve = || b"curv\0\0\0\0\0\0\0\x01\x02\x33\0\0".to_vec();
    let tags: [(&[u8], Vec<u8>); 7] = [
        (b"wtpt", xyz([0.9642, 1.0, 0.8249])),
        (b"bXYZ", xyz([0.4361, 0.2225, 0.0139])),
        (b"gXYZ", xyz([0.3851, 0.7169, 0.0971])),
        (b"rXYZ", xyz([0.1431, 0.0606, 0.7141])),
        (b"rTRC", curve()),
        (b"gTRC", curve()),
        (b"bTRC", curve()),
    ];
    let size = |bytes: usize| u32::try_from(bytes).unwrap().to_be_bytes();
    let (mut table, mut data) = (size(tags.len()).to_vec(), Vec::new());
    for (name, value) in &tags {
        let at = 128 + 4 + 12 * tags.len() + data.len();
        table.extend([*name, &size(at), &size(value.len())].concat());
        data.extend_from_slice(value);
    }
    let mut profile = vec![0; 128];
    profile[8..12].copy_from_slice(&[2, 0x40, 0, 0]);
    profile[12..24].copy_from_slice(b"mntrRGB XYZ ");
    profile[36..40].copy_from_slice(b"acsp");
    profile[68..80].copy_from_slice(&fixed([0.9642, 1.0, 0.8249]));
    let whole = size(128 + table.len() + data.len());
    profile[..4].copy_from_slice(&whole);
    [profile, table, data].concat()
}

#[test]
fn colours_by_profile_are_worked_out_where_they_are_not_plain() {
    let profile: String = swapped_profile().iter().map(|byte| format!("{byte:02x}")).collect();
    let profile =
        format!("<</N 3/Filter/ASCIIHexDecode/Length {}>>stream\n{profile}>\nendstream", profile.len() + 1);
    for (what, colour, unseen) in
        [("red, which is blue there", "1 0 0", true), ("blue, which is red", "0 0 1", false)]
    {
        let content =
            format!("0 0 1 rg 90 90 300 40 re f BT /F 20 Tf 100 100 Td /Cs cs {colour} scn (shown) Tj ET");
        let spaces = "/ColorSpace<</Cs[/ICCBased 6 0 R]>>";
        let read = document(page_with(&content, SHEET, spaces, &[&profile]));
        let page = &read.pages[0];
        assert_eq!(page.hidden.is_empty(), !unseen, "{what}: {:?} {:?}", texts(page), hidden(page));
    }
}

#[test]
fn colours_by_profile_are_those_that_are_drawn() {
    // Only the mark of sRGB in an empty profile: what the profile says is then never asked for.
    let profile = |more: &str| {
        let marked = format!("{:052}sRGB{:072}", 0, 0);
        format!("<</N 3{more}/Length {}>>stream\n{marked}\nendstream", marked.len())
    };
    let lab = "/Alternate[/Lab<</WhitePoint[.95 1 1.08]/Range[-100 100 -100 100]>>]";
    let table = [
        ("white", "/Cs", "", "1 1 1", true),
        ("red", "/Cs", "", "1 0 0", false),
        ("white, under a name with a mark and a space", "/C#23#20s", "", "1 1 1", true),
        ("white in the space that stands in for a bad profile", "/Cs", lab, "100 0 0", true),
    ];
    for (what, name, more, colour, unseen) in table {
        let content =
            format!("BT /F 20 Tf 1 0 0 1 100 100 Tm (seen ) Tj {name} cs {colour} scn (shown) Tj ET");
        let spaces = format!("/ColorSpace<<{name}[/ICCBased 6 0 R]>>");
        let note = "/Annots[<</Subtype/Stamp/Rect[10 10 200 40]/AP<</N 7 0 R>>>>]";
        let stamp = "BT /F 20 Tf 1 0 0 1 10 10 Tm (stamped) Tj ET";
        let stamp = format!(
            "<</Subtype/Form/BBox[0 0 190 30]/Resources<</Font<</F 5 0 R>>>>/Length {}>>stream\n{stamp}\nendstream",
            stamp.len()
        );
        let read =
            document(page_with(&content, &format!("{SHEET}{note}"), &spaces, &[&profile(more), &stamp]));
        let page = &read.pages[0];
        let (seen, gone): (&[&str], &[(&str, Concealment)]) = if unseen {
            (&["seen", "stamped"], &[("shown", Concealment::GroundColour)])
        } else {
            (&["seen", "shown", "stamped"], &[])
        };
        assert_eq!((texts(page).as_slice(), hidden(page).as_slice()), (seen, gone), "{what}");
    }
}
