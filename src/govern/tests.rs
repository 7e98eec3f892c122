//! Tests of loading, reforms and the messages of governance words.

use std::path::PathBuf;

use super::elaborate;
use super::files::{MAX_BYTES, Memory};
use super::load::{Loaded, load};
use crate::syntax::ast::{Decl, Institution};

/// Loads `main.yamen` (or whatever paths are given) from files in memory.
fn load_files(files: &[(&str, &str)], paths: &[&str]) -> Loaded {
    let memory = Memory::new(files.iter().map(|(path, text)| (*path, *text)));
    let paths: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
    load(&paths, &memory)
}

fn load_one(text: &str) -> Loaded {
    load_files(&[("main.yamen", text)], &["main.yamen"])
}

fn codes(loaded: &Loaded) -> Vec<&'static str> {
    loaded.diagnostics.iter().map(|d| d.code).collect()
}

/// The codes of loading and of elaborating every institution.
fn all_codes(text: &str) -> Vec<&'static str> {
    let loaded = load_one(text);
    let mut all = codes(&loaded);
    for institution in &loaded.institutions {
        all.extend(elaborate(institution).1.iter().map(|d| d.code));
    }
    all
}

/// The kinds and names declared, as `rule visit`.
fn declared(institution: &Institution) -> Vec<String> {
    let line = |decl: &Decl| {
        let (kind, names) = super::reform::names(decl);
        let names: Vec<&str> = names.iter().map(|n| n.text.as_str()).collect();
        format!("{kind} {}", names.join(" "))
    };
    institution.items.iter().map(|item| line(&item.decl)).collect()
}

#[test]
fn parts_are_shared_and_headers_cut() {
    let loaded = load_one(
        "param n : 0..3 = 1\n\
         institution one\nstate a : bool = false\nrule r when a : a' = false\n\
         institution two\nstate b : bool = false\n",
    );
    assert_eq!(codes(&loaded), [""; 0]);
    let all: Vec<_> = loaded.institutions.iter().map(declared).collect();
    assert_eq!(all, [vec!["param n", "state a", "rule r"], vec!["param n", "state b"]]);
}

#[test]
fn use_splices_the_parts_of_a_file_where_it_stands() {
    let loaded = load_files(
        &[
            (
                "specs/main.yamen",
                "institution main\nuse \"lib/chain.yamen\"\nstate x : bool = false",
            ),
            (
                "specs/lib/chain.yamen",
                "use \"../base.yamen\"\nparam n : 0..3 = 1\ninstitution own\nstate y : bool",
            ),
            ("specs/base.yamen", "use \"lib/chain.yamen\"\nparam m : 0..3 = 1"),
        ],
        &["specs/main.yamen"],
    );
    assert_eq!(codes(&loaded), [""; 0]);
    let all: Vec<_> = loaded.institutions.iter().map(declared).collect();
    assert_eq!(all, [["param m", "param n", "state x"]]);
}

#[test]
fn a_folder_stands_for_the_specs_below_it() {
    let files = [
        ("specs/b.yamen", "institution b\nstate x : bool"),
        ("specs/a/z.yamen", "institution z\nstate x : bool"),
        ("specs/.hidden/h.yamen", "institution h\nstate x : bool"),
        ("specs/readme.md", "not a spec"),
    ];
    let loaded = load_files(&files, &["specs", "specs/b.yamen"]);
    let names: Vec<&str> = loaded.institutions.iter().map(|i| i.name.text.as_str()).collect();
    assert_eq!(names, ["z", "b"]);
    assert_eq!(loaded.files.len(), 2);
}

#[test]
fn what_cannot_be_read_is_said() {
    let large = "/".repeat(MAX_BYTES + 1);
    let memory = Memory::new([
        ("bad/utf.yamen", b"// ok\n\xff\xfe".to_vec()),
        ("bad/nul.yamen", b"institution a\0".to_vec()),
        ("bad/big.yamen", large.into_bytes()),
        ("bad/use.yamen", b"use \"nowhere.yamen\"\ninstitution a\nstate x : bool".to_vec()),
        ("none/readme.md", b"".to_vec()),
    ]);
    let paths = ["bad", "none", "missing.yamen"].map(PathBuf::from);
    let loaded = load(&paths, &memory);
    assert_eq!(
        codes(&loaded),
        ["file-too-large", "nul-byte", "missing-file", "not-utf-8", "no-specs", "missing-file"]
    );
    let utf = loaded.diagnostics.iter().find(|d| d.code == "not-utf-8").unwrap();
    assert!(utf.message.contains("0xff at offset 6"), "{}", utf.message);
    assert_eq!(loaded.sources.position(utf.primary.0), (2, 1));
    let at_use = &loaded.diagnostics[2];
    assert_eq!(loaded.sources.text(at_use.primary.0), "\"nowhere.yamen\"");
    assert_eq!(loaded.institutions.len(), 1);
}

#[test]
fn a_text_at_hand_is_loaded_like_a_file() {
    let memory = Memory::new([("lib.yamen", "param n : 0..3 = 1")]);
    let text = "use \"lib.yamen\"\ninstitution a\nstate x : bool";
    let loaded = super::load::load_text("here.yamen".as_ref(), text, &memory);
    assert_eq!(declared(&loaded.institutions[0]), ["param n", "state x"]);
}

#[test]
fn reforms_drop_override_and_add_in_any_order_of_declaration() {
    let loaded = load_one(
        "institution base\n\
         param k : 0..5 = 1\n\
         state a, b : bool = false\n\
         rule fiat when a : b' = true\n\
         claim safe always (not b)\n expect proved\n\
         reform second of first { drop state b  expect safe refuted }\n\
         reform first of base \"First\" { drop rule fiat  override state a : 0..1 = 0  param k = 2  rule new when a = 0 : a' = 1 }\n",
    );
    assert_eq!(codes(&loaded), ["dropped-but-read"]);
    let names: Vec<&str> = loaded.institutions.iter().map(|i| i.name.text.as_str()).collect();
    assert_eq!(names, ["base", "second", "first"]);
    let [base, second, first] = loaded.institutions.as_slice() else { panic!() };
    assert_eq!(declared(base), ["param k", "state a b", "rule fiat", "claim safe"]);
    assert_eq!(declared(first), ["param k", "state b", "state a", "claim safe", "rule new"]);
    assert_eq!(declared(second), ["param k", "state a", "claim safe", "rule new"]);
    assert_eq!(first.base.as_deref(), Some("base"));
    assert_eq!(second.base.as_deref(), Some("first"));
    let Decl::Param(k) = &first.items[0].decl else { panic!() };
    assert!(k.ty.is_some());
    assert_eq!(super::make::literal(k.value.as_ref().unwrap()), Some(2));
    let Decl::Claim(safe) = &second.items[2].decl else { panic!() };
    assert_eq!(safe.expect.as_ref().unwrap().verdict, crate::syntax::ast::Expected::Refuted);
}

#[test]
fn a_reform_in_another_file() {
    let loaded = load_files(
        &[
            ("a.yamen", "param p : 0..1 = 0\ninstitution base\nstate x : bool = false"),
            (
                "b.yamen",
                "use \"a.yamen\"\nparam q : 0..1 = 0\nreform variant of base { param p = 1 }",
            ),
        ],
        &["b.yamen"],
    );
    assert_eq!(codes(&loaded), [""; 0]);
    let all: Vec<_> = loaded.institutions.iter().map(declared).collect();
    assert_eq!(all, [["param p", "state x", "param q"]]);
}

/// Each bad institution with the one code it must give.
const GALLERY: &[(&str, &str)] = &[
    ("institution a\nstate x : bool\ninstitution a\nstate y : bool", "duplicate-institution"),
    ("institution a\nstate x : bool\nreform b of aa { }", "unknown-base"),
    ("reform a of b { }\nreform b of c { }\nreform c of b { }", "cyclic-reform"),
    (
        "institution a\nstate x : bool\nrule visit : x' = true\nreform b of a { drop rule vist }",
        "nothing-to-change",
    ),
    (
        "institution a\nstate x : bool\nreform b of a { override rule x : x' = true }",
        "nothing-to-change",
    ),
    ("institution a\nstate x : bool\nreform b of a { state x : bool }", "already-declared"),
    ("institution a\nstate x : bool\nreform b of a { define x = true }", "already-declared"),
    ("institution a\nstate x : bool\nreform b of a { param k = 2 }", "nothing-to-change"),
    ("institution a\nstate x : bool\nreform b of a { expect y proved }", "nothing-to-change"),
    ("institution a\ncampaign c { lasts 2 }", "campaign-without-trigger"),
    ("institution a\ncampaign c { trigger t when true lasts 0 }", "campaign-without-length"),
    (
        "institution a\ncampaign c { trigger t when true lasts until false at most 0 }",
        "campaign-without-length",
    ),
    ("institution a\ncampaign c { trigger t when true trigger t when false }", "duplicate-trigger"),
    ("institution a\ncampaign c { trigger none when true }", "reserved-trigger"),
    (
        "institution a\nposition C[2]\nstate x[C] : bool\nnorm n : C must x or else not x",
        "sanction-not-a-cell",
    ),
    (
        "institution a\nposition C[2]\nenv x[C] : bool\nnorm n : C must x or else x",
        "sanction-not-a-cell",
    ),
    (
        "institution a\nposition C[2]\nstate x[C] : bool\nnorm n : C may x or else x",
        "sanctioned-permission",
    ),
    ("institution a\nposition Inspector\nrotate Inspectr every 2", "unknown-post"),
    ("institution a\nposition Inspector\nrotate Inspector every 0", "rotation-without-term"),
    ("institution a\nposition I[2]\nrotate I every 2 ties t lapse", "tie-not-a-cell"),
    (
        "institution a\nposition I[2]\nposition S\nstate t[S] : bool\nrotate I every 2 ties t lapse",
        "tie-not-at-post",
    ),
    ("institution a\nposition I[4]\nperson P[3]\nholds I by P", "too-few-persons"),
    ("institution a\nposition I[2], P[3]\nholds I by P", "holder-not-a-person"),
    (
        "institution a\nhierarchy A > B[2]\nperson P[3]\nholds B by P\npromotion p from B to superior",
        "promotion-without-holder",
    ),
    (
        "institution a\nhierarchy A > B[2]\nperson P[3]\nholds A by P\npromotion p from B to superior",
        "promotion-without-holder",
    ),
    (
        "institution a\nhierarchy A > B[2]\nperson P[3]\nholds A, B by P\ndefine f(x) = holder[x]",
        "holder-unclear",
    ),
    ("institution a\nstate x : bool\nclaim c accountable sound", "no-accountability"),
    (
        "institution a\nhierarchy A > B[2]\nenv x[B] : bool\naccountability up of B to superior for x sanction s\nclaim c accountable sound upp",
        "unknown-name",
    ),
    (
        "institution a\nhierarchy A > B[2]\nenv x[B] : bool\naccountability up of B to superior for x sanction s\naccountability down of B to B for x sanction s",
        "sanction-declared-twice",
    ),
];

#[test]
fn every_slip_has_its_message_and_a_way_out() {
    for (text, code) in GALLERY {
        let found = all_codes(text);
        assert!(found.contains(code), "{text}\n{found:?}");
        assert!(found.iter().all(|other| other == code), "{text}\n{found:?}");
    }
}
