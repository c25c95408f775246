//! The program as a person or a script meets it: helps, exit codes, what goes to which stream.
//!
//! `UPDATE=1` rewrites the helps under `fixtures/cli`.

use std::{
    env, fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use heyan::{
    model::{limits::Limits, support::Sort},
    rulebook::{Confidence, FUNCTIONS, packs},
};
use serde_json::Value as Json;

/// What a run of the program gave.
pub(super) struct Ran {
    pub(super) code: i32,
    pub(super) out: String,
    pub(super) err: String,
}

/// Runs the program as on a terminal 80 columns wide, without a recogniser: no case here has pictures.
pub(super) fn heyan(arguments: &[&str]) -> Ran {
    fed(arguments, b"")
}

/// The same with something on its standard input.
fn fed(arguments: &[&str], input: &[u8]) -> Ran {
    let mut child = Command::new(env!("CARGO_BIN_EXE_heyan"))
        .args(arguments)
        .env("COLUMNS", "80")
        .env("HEYAN_MODELS", "no-such-folder")
        .env("HEYAN_CACHE", Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache"))
        .env("OMP_THREAD_LIMIT", "1")
        .env_remove("NO_COLOR")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that fails before it reads closes the pipe.
    let _ = child.stdin.take().unwrap().write_all(input);
    let output = child.wait_with_output().unwrap();
    Ran {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

#[test]
fn helps_are_what_they_were() {
    let mut wrong = Vec::new();
    let mut written = Vec::new();
    let mut waiting = vec![Vec::new()];
    while let Some(words) = waiting.pop() {
        let mut arguments: Vec<&str> = words.iter().map(String::as_str).collect();
        arguments.push("--help");
        let ran = heyan(&arguments);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{arguments:?}");
        waiting.extend(subcommands(&ran.out).into_iter().map(|name| [words.as_slice(), &[name]].concat()));
        // White space at the ends of lines is nothing to see.
        let help: String = ran.out.lines().map(|line| format!("{}\n", line.trim_end())).collect();
        let name = format!("heyan {}", words.join(" ")).trim_end().replace(' ', "-") + ".txt";
        let file = fixtures().join("cli").join(&name);
        if env::var_os("UPDATE").is_some() {
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(&file, &help).unwrap();
        } else if fs::read_to_string(&file).unwrap_or_default() != help {
            wrong.push(format!("{name} differs; found:\n{help}"));
        }
        written.push(name);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let mut there: Vec<String> = fs::read_dir(fixtures().join("cli"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_str().unwrap().to_owned())
        .collect();
    written.sort();
    there.sort();
    assert_eq!(there, written, "fixtures/cli and the commands there are");
}

/// The commands a help lists, without `help` itself.
fn subcommands(help: &str) -> Vec<String> {
    help.lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.strip_prefix("  ")?.split(' ').next())
        .filter(|name| !name.is_empty() && *name != "help")
        .map(str::to_owned)
        .collect()
}

#[test]
fn trouble_names_the_thing_and_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let inside = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    fs::write(inside("notes.txt"), "no columns here").unwrap();
    fs::create_dir_all(inside("rules/packs/mine")).unwrap();
    let bill = fixtures().join("documents/cloud_bill/bill-in-gbk.csv");
    let bill = bill.to_str().unwrap();
    let (gone, notes, here, rules) = (inside("gone"), inside("notes.txt"), inside(""), inside("rules"));
    for (arguments, said) in [
        (vec!["verify", &gone], vec![&*gone, "cannot be opened", "because: "]),
        (vec!["verify", &notes], vec![&*notes, "neither a folder nor a zip archive", "heyan extract"]),
        (vec!["verify", "--today", "2023-02-30", &here], vec!["2023-02-30", "a day of the calendar"]),
        (vec!["verify", "--format", "pdf", &here], vec!["'pdf'", "text, json, html"]),
        (
            vec!["verify", "--rules", &rules, "--pack", "other", &here],
            vec!["no pack `other`", "hint: there is mine"],
        ),
        (vec!["verfy"], vec!["unrecognized subcommand 'verfy'", "'verify'"]),
        (vec!["verify"], vec!["required arguments", "<CASE>"]),
        (vec!["extract", &gone], vec![&*gone, "cannot be read"]),
        (vec!["extract", &here], vec!["is a folder", "hint: name the files in it"]),
        (vec!["show", bill, "--page", "7"], vec!["no page 7", "has 0"]),
        (vec!["score", &here], vec!["no <file>.truth.json"]),
        (
            vec!["rules", "explain", "jiangsu-2023", "FAC-99"],
            vec!["no rule `FAC-99`", "hint: `heyan rules explain"],
        ),
    ] {
        let ran = heyan(&arguments);
        assert_eq!(ran.code, 2, "{arguments:?}: {}", ran.err);
        for part in said {
            assert!(ran.err.contains(part), "{arguments:?}: no `{part}` in\n{}", ran.err);
        }
    }
}

#[test]
fn no_arguments_give_the_help_and_trouble() {
    let ran = heyan(&[]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(ran.err.contains("Usage: heyan <COMMAND>"), "{}", ran.err);
}

#[test]
fn an_unknown_pack_names_those_there_are() {
    let folder = fixtures().parent().unwrap().join("rules/packs");
    let mut written: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_str().unwrap().to_owned())
        .collect();
    written.sort();
    assert_eq!(packs::built_in().collect::<Vec<_>>(), written, "rules/packs and the table of packs");
    for arguments in [vec!["verify", "--pack", "hubei-1999", "."], vec!["rules", "check", "hubei-1999"]] {
        let ran = heyan(&arguments);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""));
        assert!(ran.err.contains("no pack `hubei-1999`"), "{}", ran.err);
        assert!(written.iter().all(|pack| ran.err.contains(pack.as_str())), "{}", ran.err);
    }
}

/// The small clean platform of the fixtures, with its scanned licence drawn as text.
pub(super) fn clean_case(root: &Path) -> String {
    let (from, to) = (fixtures().join("cases/platform-clean"), root.join("clean"));
    let paid = "attachments/02平台建设投入";
    fs::create_dir_all(to.join(paid)).unwrap();
    fs::copy(from.join("declaration.json"), to.join("declaration.json")).unwrap();
    for entry in fs::read_dir(from.join(paid)).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, to.join(paid).join(path.file_name().unwrap())).unwrap();
    }
    fs::copy(from.join("attachments/09其他/项目竣工验收报告.pdf"), to.join("attachments/acceptance.pdf"))
        .unwrap();
    let truth: Json = serde_json::from_slice(&fs::read(from.join("truth.json")).unwrap()).unwrap();
    let licence = &truth["files"]["attachments/01营业执照/营业执照扫描件.pdf"]["fields"];
    let said = |field: &str| licence[field].as_str().unwrap().to_owned();
    let day = |field: &str| {
        let (year, rest) = said(field).split_once('-').map(|(y, r)| (y.to_owned(), r.to_owned())).unwrap();
        format!("{year}年{}日", rest.replace('-', "月"))
    };
    let rows = [
        ("营业执照", String::new()),
        ("统一社会信用代码", said("uscc")),
        ("名称", said("name")),
        ("类型", said("entity_type")),
        ("法定代表人", said("legal_representative")),
        ("注册资本", said("registered_capital")),
        ("成立日期", day("established_on")),
        ("住所", said("domicile")),
        ("登记机关", said("registration_authority")),
        ("", day("issued_on")),
    ];
    fs::write(to.join("attachments/licence.pdf"), licence_pdf(&rows)).unwrap();
    to.to_str().unwrap().to_owned()
}

/// A page of labels and values in a font that every reader brings along: nothing is embedded.
pub(super) fn licence_pdf(rows: &[(&str, String)]) -> Vec<u8> {
    let hex = |text: &str| text.encode_utf16().map(|unit| format!("{unit:04x}")).collect::<String>();
    let mut content = "BT /F 14 Tf\n".to_owned();
    for (at, (label, value)) in rows.iter().enumerate() {
        let y = 760 - 40 * at;
        content.push_str(&format!(
            "1 0 0 1 80 {y} Tm <{}> Tj 1 0 0 1 220 {y} Tm <{}> Tj\n",
            hex(label),
            hex(value)
        ));
    }
    content.push_str("ET");
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>"
            .to_owned(),
        format!("<</Length {}>>stream\n{content}\nendstream", content.len()),
        "<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UCS2-H/DescendantFonts[6 0 R]>>"
            .to_owned(),
        "<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light/DW 1000/FontDescriptor 7 0 R\
         /CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 4>>>>"
            .to_owned(),
        "<</Type/FontDescriptor/FontName/STSong-Light/Flags 4/FontBBox[0 -200 1000 900]/ItalicAngle 0\
         /Ascent 800/Descent -200/CapHeight 700/StemV 80>>"
            .to_owned(),
    ];
    super::formats::pdf_of(&objects)
}

#[test]
fn exit_codes_and_streams_of_verify() {
    let folder = tempfile::tempdir().unwrap();
    let case = clean_case(folder.path());
    let out = folder.path().join("out");
    let run = |more: &[&str]| {
        let common = ["verify", "--today", "2023-03-01", "--out", out.to_str().unwrap()];
        heyan(&[common.as_slice(), more].concat())
    };
    let clean = run(&[&case]);
    assert_eq!(clean.code, 0, "{}{}", clean.out, clean.err);
    assert!(out.join("clean/report.json").is_file() && out.join("clean/report.html").is_file());
    assert!(!clean.out.contains('\u{1b}'), "colour where there is no terminal");

    // Another name in the declaration than on the licence and the invoices is a discrepancy.
    let declared = Path::new(&case).join("declaration.json");
    let text = fs::read_to_string(&declared).unwrap();
    fs::write(&declared, text.replace("\"name\": \"南京", "\"name\": \"镇江")).unwrap();
    let wrong = run(&[&case, "--format", "json"]);
    assert_eq!(wrong.code, 1, "{}", wrong.err);
    let report: Json = serde_json::from_str(&wrong.out).expect("nothing but JSON on standard output");
    assert_eq!(report["schema"], "heyan.report/1");
    assert_ne!(report["outcome"], "pass");

    // One path that is not there keeps nobody from the others, and is trouble all the same.
    let gone = folder.path().join("gone");
    let both = run(&[gone.to_str().unwrap(), &case, "--format", "json"]);
    assert_eq!(both.code, 2);
    assert!(both.err.contains("gone cannot be opened"), "{}", both.err);
    let reports: Json = serde_json::from_str(&both.out).unwrap();
    assert_eq!(reports.as_array().map(Vec::len), Some(1));
}

#[test]
fn the_schema_is_printed_without_a_case() {
    let ran = heyan(&["verify", "--schema"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let published =
        fs::read_to_string(fixtures().parent().unwrap().join("schema/report.schema.json")).unwrap();
    assert_eq!(ran.out, published);
}

#[test]
fn extract_reads_standard_input() {
    let bill = fs::read(fixtures().join("documents/cloud_bill/bill-in-gbk.csv")).unwrap();
    let ran = fed(&["extract", "-", "--format", "json"], &bill);
    let papers: Json = serde_json::from_str(&ran.out).expect("nothing but JSON on standard output");
    assert_eq!((ran.code, &papers[0]["document_type"]), (0, &Json::from("cloud_bill")));
    assert_eq!(papers[0]["fields"]["total"]["value"], "1820.25");
    assert_eq!(papers[0]["file"], "-");

    let nothing = fed(&["extract", "-", "--format", "json"], b"");
    let papers: Json = serde_json::from_str(&nothing.out).unwrap();
    assert_eq!((nothing.code, &papers[0]["problems"][0]["code"]), (2, &Json::from("file-empty")));

    // A file beside one that is not there is read all the same.
    let there = fixtures().join("documents/cloud_bill/us-dollars.csv");
    let ran = heyan(&["extract", "--format", "json", "no-such-file.pdf", there.to_str().unwrap()]);
    let papers: Json = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((ran.code, papers.as_array().map(Vec::len)), (2, Some(1)));
    assert!(ran.err.contains("no-such-file.pdf cannot be read"), "{}", ran.err);
}

#[test]
fn no_colour_is_heeded_on_a_terminal() {
    // `script` gives the program a terminal; where it is missing there is nothing to see.
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("empty");
    fs::create_dir_all(&empty).unwrap();
    let shown = |no_color: Option<&str>| -> Option<String> {
        let command = format!(
            "'{}' verify '{}' --today 2023-03-01 --out '{}'",
            env!("CARGO_BIN_EXE_heyan"),
            empty.display(),
            folder.path().join("out").display()
        );
        let mut script = Command::new("script");
        script
            .args(["-qec", &command, "/dev/null"])
            .stdin(Stdio::null())
            .env("HEYAN_MODELS", "no-such-folder");
        match no_color {
            Some(value) => script.env("NO_COLOR", value),
            None => script.env_remove("NO_COLOR"),
        };
        Some(String::from_utf8_lossy(&script.output().ok()?.stdout).into_owned())
    };
    // Only styles count: the bar of progress moves the cursor.
    let styled = |text: &str| text.contains("\u{1b}[1;");
    let Some(plain) = shown(Some("1")) else {
        println!("skipped: there is no `script` to give the program a terminal");
        return;
    };
    assert!(plain.contains("declaration-missing"), "{plain}");
    assert!(!styled(&plain), "{plain:?}");
    assert!(styled(&shown(None).unwrap_or_default()), "no colour on a terminal");
}

#[test]
fn cases_of_one_name_get_folders_of_their_own_and_links_that_lead_there() {
    let folder = tempfile::tempdir().unwrap();
    let cases = ["x/案件#3", "y/案件#3", "z/案件#3-2"].map(|name| folder.path().join(name));
    for case in &cases {
        fs::create_dir_all(case.join("attachments")).unwrap();
        fs::write(case.join("declaration.json"), r#"{ "category": "platform" }"#).unwrap();
    }
    let out = folder.path().join("out");
    let mut arguments = vec!["verify", "--out", out.to_str().unwrap()];
    arguments.extend(cases.iter().map(|case| case.to_str().unwrap()));
    assert_eq!(heyan(&arguments).code, 1);
    for name in ["案件#3", "案件#3-2", "案件#3-2-2"] {
        assert!(out.join(name).join("report.json").is_file(), "{name} has a report of its own");
    }
    let batch = fs::read_to_string(out.join("batch.html")).unwrap();
    assert!(batch.contains("%233/report.html"), "the # of a name is no end of a link");
    assert!(!batch.contains("#3/report.html"));
}

#[test]
fn what_is_passed_over_in_a_folder_of_cases_is_said() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("甲/attachments")).unwrap();
    fs::create_dir_all(folder.path().join("乙")).unwrap();
    for loose in ["乙/发票.csv", "丙.csv", ".hidden"] {
        fs::write(folder.path().join(loose), "a,b\n").unwrap();
    }
    fs::write(folder.path().join("丁.ZIP"), b"no archive").unwrap();
    let out = folder.path().join("甲/out");
    let ran = heyan(&["verify", folder.path().to_str().unwrap(), "--out", out.to_str().unwrap()]);
    for (name, said) in [("乙", true), ("丙.csv", true), (".hidden", false), ("甲", false)] {
        assert_eq!(ran.err.contains(&format!("{name} is not verified")), said, "{name}: {}", ran.err);
    }
    assert!(ran.err.contains("丁.ZIP is neither"), "the ending says what it is to be: {}", ran.err);
    assert!(out.join("甲/report.json").is_file());
}

#[cfg(unix)]
#[test]
fn links_out_of_a_case_are_said_and_not_followed() {
    let folder = tempfile::tempdir().unwrap();
    let outside = folder.path().join("outside");
    fs::create_dir_all(&outside).unwrap();
    fs::write(outside.join("secret.csv"), "账号,密码\n1,2\n").unwrap();
    fs::write(outside.join("declaration.json"), r#"{ "category": "platform" }"#).unwrap();
    let case = folder.path().join("case");
    fs::create_dir_all(&case).unwrap();
    std::os::unix::fs::symlink(&outside, case.join("attachments")).unwrap();
    std::os::unix::fs::symlink(outside.join("declaration.json"), case.join("declaration.json")).unwrap();
    let out = folder.path().join("out");
    let ran = heyan(&["verify", "--format", "json", "--out", out.to_str().unwrap(), case.to_str().unwrap()]);
    assert_eq!(ran.code, 1);
    let report: Json = serde_json::from_str(&ran.out).unwrap();
    let said: Vec<&str> = report["problems"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|problem| problem["code"] == "link-not-followed")
        .map(|problem| problem["file"].as_str().unwrap())
        .collect();
    assert_eq!(said, ["attachments", "declaration.json"]);
    assert_eq!(report["documents"].as_array().map(Vec::len), Some(0));
}

#[test]
fn what_a_file_says_cannot_steer_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bill.csv");
    fs::write(&file, "名称,备注\n一,\u{1b}[31mred \u{1b}[2Jtext\n二,\u{202e}turned\n").unwrap();
    let ran = heyan(&["show", file.to_str().unwrap()]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("red") && ran.out.contains("turned"));
    assert!(!ran.out.contains(['\u{1b}', '\u{202e}']), "{:?}", ran.out);
}

#[test]
fn what_lies_beside_the_attachments_is_read_too() {
    let folder = tempfile::tempdir().unwrap();
    let case = folder.path().join("case");
    fs::create_dir_all(case.join("attachments")).unwrap();
    fs::write(case.join("declaration.json"), r#"{ "category": "star_cloud" }"#).unwrap();
    let bill = "账号ID,产品名称,账期,应付金额,现金支付\n1234567890123456,云服务器,2022-03,10.00,10.00\n";
    fs::write(case.join("bill.csv"), bill).unwrap();
    let out = folder.path().join("out");
    let ran = heyan(&["verify", "--format", "json", "--out", out.to_str().unwrap(), case.to_str().unwrap()]);
    let report: Json = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(report["documents"][0]["file"], "bill.csv");
    assert_eq!(report["documents"][0]["document_type"], "cloud_bill");
}

#[test]
fn a_file_that_is_too_large_is_refused_before_anything_is_said_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let (large, small) = (folder.path().join("large.pdf"), folder.path().join("small.csv"));
    let most = Limits::default().file_bytes;
    fs::File::create(&large).unwrap().set_len(most + 1).unwrap();
    fs::write(&small, "a,b\n1,2\n").unwrap();
    let (large, small) = (large.to_str().unwrap(), small.to_str().unwrap());
    let shown = heyan(&["show", large]);
    assert_eq!((shown.code, shown.out.as_str()), (2, ""), "{}", shown.err);
    assert!(shown.err.contains(&format!("more than the {most} bytes")), "{}", shown.err);
    let extracted = heyan(&["extract", "--format", "json", large, small]);
    assert_eq!(extracted.code, 2, "{}", extracted.err);
    assert!(extracted.out.contains("small.csv") && !extracted.out.contains("large.pdf"), "{}", extracted.out);
}

#[test]
fn what_rules_may_call_and_what_needs_no_look_is_printed() {
    let ran = heyan(&["rules", "explain"]);
    let (_, accepted) = ran.out.split_once("\nauto_accept: ").expect("a table");
    let sure = Confidence::embedded().unwrap();
    for sort in Sort::ALL {
        let line = accepted.lines().find(|line| line.trim_start().starts_with(sort.name())).expect("a row");
        assert!(line.ends_with(&format!("{:.2}", sure.auto_accept(sort))), "{line}");
    }
    assert!(FUNCTIONS.iter().all(|function| ran.out.contains(function.signature)), "{}", ran.out);
    assert!(!heyan(&["rules", "explain", "jiangsu-2023", "FAC-06"]).out.contains("auto_accept"));
}

#[test]
fn labels_are_counted_as_exact_wrong_or_missing() {
    let folder = tempfile::tempdir().unwrap();
    let invoice = fixtures().join("formats/xml/tax-controlled.xml");
    fs::copy(&invoice, folder.path().join("a.xml")).unwrap();
    fs::copy(&invoice, folder.path().join("b.xml")).unwrap();
    let truth = fs::read_to_string(fixtures().join("formats/xml/tax-controlled.xml.truth.json")).unwrap();
    let mut truth: Json = serde_json::from_str(&truth).unwrap();
    let labelled = truth["fields"].as_object().unwrap().len();
    truth["fields"]["item"] = Json::from("*软件*许可");
    truth["fields"]["remark_of_nobody"] = Json::Null;
    truth["fields"]["gross"] = Json::from("1.00");
    fs::write(folder.path().join("a.xml.truth.json"), truth.to_string()).unwrap();
    let other = r#"{ "document_type": "business_licence", "fields": { "name": null } }"#;
    fs::write(folder.path().join("b.xml.truth.json"), other).unwrap();
    let ran = heyan(&["score", folder.path().to_str().unwrap()]);
    let row = |name: &str| -> Vec<String> {
        let line = ran.out.lines().find(|line| line.trim_start().starts_with(name)).expect(name);
        line.split_whitespace().filter(|word| word.parse::<u32>().is_ok()).map(str::to_owned).collect()
    };
    let (all, wrong) = ((labelled + 2).to_string(), row("vat_invoice")[2].clone());
    assert_eq!(
        (ran.code, row("vat_invoice")[0].as_str(), wrong.as_str()),
        (1, all.as_str(), "2"),
        "{}",
        ran.out
    );
    assert_eq!(row("gross"), ["1", "0", "1", "0"]);
    assert_eq!(row("item"), ["1", "0", "1", "0"], "another item stands there");
    assert_eq!(row("remark_of_nobody"), ["1", "1", "0", "0"], "there is none, as labelled");
    assert_eq!(row("name"), ["1", "0", "0", "1"], "no licence was found");
    truth["fields"]["item"] = Json::from("*信息技术服务*数据接口");
    fs::write(folder.path().join("a.xml.truth.json"), truth.to_string()).unwrap();
    let ran = heyan(&["score", folder.path().to_str().unwrap(), "--reliability"]);
    // One value is wrong by its label, and all that data says is said to be sure.
    let accepted = ran.out.split_once("\naccepted ").expect("a table").1;
    let wrong = |sort: &str| {
        let line = accepted.lines().find(|line| line.starts_with(sort)).expect(sort);
        line.split_whitespace().last().map(str::to_owned)
    };
    assert_eq!(wrong("amount").as_deref(), Some("1"), "{}", ran.out);
    assert_eq!(wrong("code").as_deref(), Some("0"), "{}", ran.out);
    assert!(ran.out.contains("\nstated "), "{}", ran.out);
    let line = ran.out.lines().find(|line| line.trim_start().starts_with("item")).unwrap();
    assert!(line.contains("100.0%") && !ran.out.contains("item: wanted"), "the second row's: {}", ran.out);
}
