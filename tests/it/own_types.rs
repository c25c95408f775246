//! Document types that somebody adds: a file in a folder, and nothing of the program.

use std::fs;

use serde_json::Value as Json;

use super::cli::{heyan, licence_pdf};

const WARRANTY: &str = r#"
title = "质保书"
threshold = 1.0
stops = ["备注"]

[[mark]]
pattern = '质\s*量\s*保\s*证\s*书'
weight = 1.0
above = 0.4

[[field]]
name = "holder"
kind = "organisation"
labels = ["质保单位"]
required = true

[[field]]
name = "valid_until"
kind = "date"
labels = ["质保期至"]
"#;

#[test]
fn a_file_in_a_folder_is_a_type() {
    let folder = tempfile::tempdir().unwrap();
    let inside = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let rows = [
        ("设备质量保证书", String::new()),
        ("质保单位：", "宿迁木禾检测技术有限公司".to_owned()),
        ("质保期至：", "2025年6月30日".to_owned()),
    ];
    fs::write(inside("a.pdf"), licence_pdf(&rows)).unwrap();
    let own = |text: &str| {
        fs::create_dir_all(inside("rules/documents")).unwrap();
        fs::write(inside("rules/documents/warranty.toml"), text).unwrap();
    };
    let file = inside("a.pdf");
    let extracted = |more: &[&str]| {
        let ran = heyan(&[&["extract", &*file, "--format", "json"], more].concat());
        serde_json::from_str::<Json>(&ran.out).unwrap_or_else(|_| panic!("{}", ran.err))[0].clone()
    };
    assert_eq!(extracted(&[])["document_type"], "other", "nobody knows it");

    own(WARRANTY);
    let rules = inside("rules");
    let paper = extracted(&["--rules", &rules]);
    assert_eq!(paper["document_type"], "warranty");
    assert_eq!(paper["fields"]["holder"]["value"], "宿迁木禾检测技术有限公司");
    assert_eq!(paper["fields"]["valid_until"]["value"], "2025-06-30");

    // One that weighs more and does not reach its own threshold takes nothing from it.
    let louder =
        WARRANTY.replace("threshold = 1.0", "threshold = 9.0").replace("weight = 1.0", "weight = 3.0");
    let louder = format!("{louder}\n[[mark]]\npattern = '不在其中'\nweight = 9.0\n");
    fs::write(inside("rules/documents/louder.toml"), louder).unwrap();
    fs::write(inside("rules/documents/.kept.toml"), "no type").unwrap();
    assert_eq!(extracted(&["--rules", &rules])["document_type"], "warranty");

    // Scored like the built-in ones, which are still there.
    let truth = r#"{ "document_type": "warranty", "fields": { "valid_until": "2025-06-30" } }"#;
    fs::write(inside("a.pdf.truth.json"), truth).unwrap();
    let ran = heyan(&["score", &inside(""), "--rules", &rules]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);

    // A folder without packs leaves the built-in ones where they are.
    let ran = heyan(&["rules", "check", "equipment-subsidy-2024", "--rules", &rules]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);

    for (from, to, said) in [
        ("kind = \"date\"", "kind = \"day\"", "`valid_until` has the unknown kind `day`"),
        ("required = true", "requird = true", "unknown field `requird`"),
        ("证\\s*书'", "证\\s*书('", "unclosed group"),
        ("threshold = 1.0", "threshold = 1.0\ncustom = [\"in_words\"]", "unknown function `in_words`"),
        // What can come to nothing is said as well.
        ("threshold = 1.0", "threshold = 7.0", "less than the threshold of 7"),
        ("kind = \"date\"", "kind = \"choice\"", "without `choices`"),
        ("kind = \"date\"", "kind = \"choice\"\nchoices = [['a', \"b\"]]", "which only forms read"),
        ("kind = \"date\"", "kind = \"date\"\npatterns = ['\\d+']", "without a group"),
        (
            "[[mark]]",
            "[[layout]]\nname = \"short\"\nwhen = '.'\nlacks = [\"valid_until\"]\n[[mark]]",
            "which is no `required` field",
        ),
    ] {
        own(&WARRANTY.replace(from, to));
        let ran = heyan(&["extract", &file, "--rules", &rules]);
        assert_eq!(ran.code, 2, "{to}: {}", ran.out);
        assert!(ran.err.contains("warranty.toml") && ran.err.contains(said), "{to}: {}", ran.err);
    }
    for (hostile, said) in [
        (format!("{WARRANTY}#{}\n", "x".repeat(3 << 20)), "bytes in one file; the limit is"),
        (format!("deep = {}1{}\n{WARRANTY}", "[".repeat(100_000), "]".repeat(100_000)), "recurs"),
    ] {
        own(&hostile);
        let ran = heyan(&["extract", &file, "--rules", &rules]);
        assert_eq!(ran.code, 2, "{}", ran.out);
        assert!(ran.err.contains("warranty.toml") && ran.err.contains(said), "{}", ran.err);
    }
    let ran = heyan(&["extract", &file, "--rules", &inside("rules/documents")]);
    assert_eq!(ran.code, 2, "{}", ran.out);
    assert!(ran.err.contains("neither a folder documents nor packs"), "{}", ran.err);
}
