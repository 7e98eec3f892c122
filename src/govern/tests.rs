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

/// The core of the only institution of a text, printed.
fn expanded(text: &str) -> String {
    let loaded = load_one(text);
    assert_eq!(codes(&loaded), [""; 0], "{text}");
    let (core, diagnostics) = elaborate(&loaded.institutions[0]);
    assert_eq!(diagnostics, [], "{text}");
    super::expand(&core)
}

/// One institution for each governance word, and what it stands for.
const WORDS: &[(&str, &str)] = &[
    (
        "norm_at_once",
        "institution a position Clerk env ask : bool choice answer : bool by Clerk \
         state demoted : bool = false norm duty : Clerk must answer when ask or else demoted",
    ),
    (
        "norm_within",
        "institution a position County[3] env deviates[County] : bool \
         choice report[c in County] : bool by c state demoted[County] : bool = false \
         /// Silence is punished.\n\
         norm duty : County must report when deviates within 2 or else demoted",
    ),
    (
        "norm_ticks",
        "institution a param k : 0..3 = 1 position Site env order : bool env act : bool \
         tick visit when order and act \
         norm duty : Site must act when order within k visit \
         norm ban : Site must not act when order within 2 visit \
         norm leave : Site may act when order within k",
    ),
    (
        "accountability",
        "institution a hierarchy Centre > County[2] env bad[County] : bool \
         accountability up of County to superior for bad sanction demote \
         claim c accountable sound claim d accountable complete up",
    ),
    (
        "accountability_in_a_chain",
        "institution a chain Layer[3] env bad[Layer] : bool \
         accountability up of Layer to superior for bad sanction demote \
         claim d always (some l in Layer : up.sanctioned[l])",
    ),
    (
        "rotation",
        "institution a position District[3], Chief person Officer[5] \
         holds District, Chief by Officer state tie[District] : 0..3 = 0 \
         practice grow for d in District when tie[d] < 3 : tie[d]' = tie[d] + 1 \
         rotate District every 3 ties tie follow rotate Chief every 2",
    ),
    (
        "promotion",
        "institution a hierarchy Province[2] > County[3] person Official[9] \
         holds Province, County by Official env met_target[County] : bool \
         state tie[County] : 0..3 = 0 \
         practice grow for c in County when tie[c] < 3 : tie[c]' = tie[c] + 1 \
         promotion ladder from County to superior when tenure >= 3 and met_target by superior \
         ties tie lapse define first = holder[superior(County[2])]",
    ),
    (
        "promotion_in_a_chain",
        "institution a chain Layer[3] env good[Layer] : bool \
         promotion ladder from Layer to superior when good",
    ),
    (
        "campaign",
        "institution a env bad, new : bool position Centre campaign rectify { \
         trigger drift when bad trigger course when new by Centre announced 2 before \
         lasts until not bad at most 5 gap 3 } \
         claim c always (rectify.active implies rectify.trigger != none and rectify.count < 3)",
    ),
    (
        "campaign_with_parameters",
        "institution a param lead : 0..2 = 0 env bad : bool campaign rectify { \
         trigger drift when bad announced lead lasts 2 } \
         claim c always (rectify.trigger = drift implies rectify.count >= 0 or rectify.announced)",
    ),
    ("campaign_plain", "institution a env bad : bool campaign sweep { trigger drift when bad }"),
];

#[test]
fn every_word_stands_for_its_core() {
    for (name, text) in WORDS {
        insta::assert_snapshot!(*name, expanded(text));
    }
}

#[test]
fn what_is_written_out_reads_back_as_itself() {
    for (_, text) in WORDS {
        let printed = expanded(text);
        let loaded = load_one(&printed);
        assert_eq!(codes(&loaded), [""; 0], "{printed}");
        let (again, _) = elaborate(&loaded.institutions[0]);
        assert_eq!(super::expand(&again), printed);
        let file = |text: &str| crate::syntax::parse(Default::default(), text).file;
        assert!(crate::syntax::printer::same(&file(&printed), &file(&super::expand(&again))));
    }
}

#[test]
fn a_reform_expands_to_an_institution_of_its_own() {
    let loaded = load_one(
        "institution a state x : bool reform b of a \"B\" { drop state x state y : bool }",
    );
    let text = super::expand(&elaborate(&loaded.institutions[1]).0);
    assert_eq!(
        text,
        "// The reform `b` of `a`, written out.\n\ninstitution b \"B\"\n\nstate y : bool\n"
    );
}
