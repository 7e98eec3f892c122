//! Circuits written and read again say the same; words compute what their operations say.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

use super::btor2::Circuits;
use super::{aiger, btor2};
use crate::circuit::sample_tests::{circuit, truth};
use crate::circuit::{Circuit, Edge};

fn only(circuits: Circuits) -> Circuit {
    assert_eq!((circuits.bad.len(), circuits.justice.len()), (1, 0));
    circuits.bad.into_iter().next().unwrap().1
}

#[test]
fn what_is_written_is_read() {
    for seed in 0..1000 {
        let circuit = circuit(seed);
        let shortest = truth(&circuit).1;
        let ascii = only(aiger::circuits(&aiger::write(&circuit, false)).unwrap());
        let binary = only(aiger::circuits(&aiger::write(&circuit, true)).unwrap());
        let words = only(btor2::circuits(&btor2::write(&circuit)).unwrap());
        for again in [ascii, binary, words] {
            assert_eq!(truth(&again).1, shortest, "seed {seed}");
            let names = again.latches.iter().map(|l| l.name.as_str());
            assert!(names.zip(&circuit.latches).all(|(name, latch)| name == latch.name));
            assert!(again.inputs.iter().zip(&circuit.inputs).all(|(a, b)| a.name == b.name));
        }
    }
}

/// ABC refuses a file that names two things alike.
#[test]
fn names_are_written_once() {
    let text = b"aag 2 0 2 1 0\n2 3\n4 5\n4\nl0 on\nl1 on\n";
    let circuit = only(aiger::circuits(text).unwrap());
    let again = String::from_utf8(aiger::write(&circuit, false)).unwrap();
    assert!(again.contains("l0 on\n") && again.contains("l1 on~2\n"), "{again}");
}

#[test]
fn old_files_have_outputs_for_targets() {
    // A toggle; its value and its negation.
    let text = b"aag 1 0 1 2 0\n2 3\n2\n3\nl0 on\no1 off\nc\na comment\n";
    let found = aiger::circuits(text).unwrap().bad;
    let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["o0", "off"]);
    assert_eq!(found[0].1.latches[0].name, "on");
    assert_eq!(truth(&found[0].1).1, Some(2));
    assert_eq!(truth(&found[1].1).1, Some(1));
}

#[test]
fn broken_files_are_told_where() {
    for text in [
        "",
        "aig",
        "aag 1 1",
        "aag x 0 0 0 0",
        "aag 1 0 1 1 0\n2 9\n2\n",
        "aag 0 0 0 1 0\n4\n",
        "aag 3 0 0 1 2\n4\n4 6 6\n6 4 4\n",
        "aig 9999999999999 0 0 0 1\n",
        "aag 1 0 1 1 0\n2 3 7\n2\n",
    ] {
        assert!(aiger::circuits(text.as_bytes()).is_err(), "{text:?}");
    }
    let fault = btor2::circuits("1 sort bitvec 2\n2 state 1\n3 add 1 2 9\n").unwrap_err();
    assert_eq!(fault.to_string(), "line 3: no value 9");
    for text in [
        "1 sort array 2 2",
        "1",
        "1 sort bitvec 0",
        "1 sort bitvec 1\n2 justice 1 1",
        "1 sort bitvec 1\n2 input 1\n3 justice 2 2",
        "1 sort bitvec 2\n2 sort bitvec 3\n3 one 1\n4 one 2\n5 add 1 3 4",
        "x y",
    ] {
        assert!(btor2::circuits(text).is_err(), "{text:?}");
    }
}

/// What an operation makes of two numbers of four bits; of one if it ignores the second.
// table: one arm per operation
fn meaning(operation: &str, a: i64, b: i64) -> i64 {
    let signed = |n: i64| if n >= 8 { n - 16 } else { n };
    let (x, y) = (signed(a), signed(b));
    let truth = |p: bool| i64::from(p);
    let turned = |by: i64| (a << by | a >> (4 - by)) & 15;
    match operation {
        "and" => a & b,
        "nand" => !(a & b),
        "or" => a | b,
        "nor" => !(a | b),
        "xor" => a ^ b,
        "xnor" => !(a ^ b),
        "eq" => truth(a == b),
        "neq" => truth(a != b),
        "ult" => truth(a < b),
        "ulte" => truth(a <= b),
        "ugt" => truth(a > b),
        "ugte" => truth(a >= b),
        "slt" => truth(x < y),
        "slte" => truth(x <= y),
        "sgt" => truth(x > y),
        "sgte" => truth(x >= y),
        "add" => a + b,
        "sub" => a - b,
        "mul" => a * b,
        "udiv" => a.checked_div(b).unwrap_or(15),
        "urem" => a.checked_rem(b).unwrap_or(a),
        "uaddo" => truth(a + b > 15),
        "usubo" => truth(a < b),
        "umulo" => truth(a * b > 15),
        "saddo" => truth(!(-8..8).contains(&(x + y))),
        "ssubo" => truth(!(-8..8).contains(&(x - y))),
        "smulo" => truth(!(-8..8).contains(&(x * y))),
        "sdivo" => truth(x == -8 && y == -1),
        "sdiv" if y == 0 => {
            if x < 0 {
                1
            } else {
                -1
            }
        }
        "sdiv" => x / y,
        "srem" => x.checked_rem(y).unwrap_or(x),
        "smod" => {
            if y == 0 {
                x
            } else {
                (x % y + y) % y
            }
        }
        "sll" => {
            if b < 4 {
                a << b
            } else {
                0
            }
        }
        "srl" => {
            if b < 4 {
                a >> b
            } else {
                0
            }
        }
        "sra" => x >> b.min(3),
        "rol" => turned(b % 4),
        "ror" => turned((4 - b % 4) % 4),
        "not" => !a,
        "neg" => -a,
        "inc" => a + 1,
        "dec" => a - 1,
        "redand" => truth(a == 15),
        "redor" => truth(a != 0),
        "redxor" => i64::from(a.count_ones() % 2),
        other => panic!("{other}"),
    }
}

#[test]
fn operations_compute_what_they_say() {
    let one_bit = [
        "eq", "neq", "ult", "ulte", "ugt", "ugte", "slt", "slte", "sgt", "sgte", "uaddo", "saddo",
        "usubo", "ssubo", "umulo", "smulo", "sdivo",
    ];
    let words = [
        "and", "nand", "or", "nor", "xor", "xnor", "add", "sub", "mul", "udiv", "urem", "sdiv",
        "srem", "smod", "sll", "srl", "sra", "rol", "ror",
    ];
    let unary = ["not", "neg", "inc", "dec"];
    let reductions = ["redand", "redor", "redxor"];
    for operation in one_bit.iter().chain(&words).chain(&unary).chain(&reductions) {
        let narrow = one_bit.contains(operation) || reductions.contains(operation);
        let alone = unary.contains(operation) || reductions.contains(operation);
        let (sort, mask) = if narrow { (1, 1) } else { (2, 15) };
        for (a, b) in (0..16).flat_map(|a| (0..16).map(move |b| (a, b))) {
            let expected = meaning(operation, a, b) & mask;
            let second = if alone { "" } else { " 4" };
            let text = format!(
                "1 sort bitvec 1\n2 sort bitvec 4\n3 constd 2 {a}\n4 constd 2 {b}\n\
                 5 {operation} {sort} 3{second}\n6 constd {sort} {expected}\n7 neq 1 5 6\n8 bad 7\n"
            );
            let circuit = only(btor2::circuits(&text).unwrap());
            assert_eq!(circuit.bad, Edge::FALSE, "{operation} {a} {b} is not {expected}");
        }
    }
}

#[test]
fn words_are_cut_and_joined() {
    let text = "1 sort bitvec 1\n2 sort bitvec 4\n3 sort bitvec 6\n4 sort bitvec 2\n\
                5 const 2 1010\n6 consth 4 3\n7 concat 3 5 6\n8 constd 3 43\n9 neq 1 7 8\n\
                10 slice 4 5 2 1\n11 one 4\n12 neq 1 10 11\n13 sext 3 5 2\n14 constd 3 -6\n\
                15 neq 1 13 14\n16 uext 3 5 2\n17 constd 3 10\n18 neq 1 16 17\n\
                19 or 1 9 12\n20 or 1 15 18\n21 or 1 19 20\n22 ite 2 -21 5 -5\n\
                23 neq 1 22 5\n24 or 1 21 23\n25 bad 24 all\n";
    let found = btor2::circuits(text).unwrap().bad;
    assert_eq!(found[0].0, "all");
    assert_eq!(found[0].1.bad, Edge::FALSE);
}

#[test]
fn constraints_bind_the_bad_step_too() {
    // An input may only be on while the latch is; bad when it is on at first.
    let text = "1 sort bitvec 1\n2 input 1 i\n3 state 1 s\n4 zero 1\n5 init 1 3 4\n6 one 1\n\
                7 next 1 3 6\n8 implies 1 2 3\n9 constraint 8\n10 bad 2\n";
    assert_eq!(truth(&only(btor2::circuits(text).unwrap())).1, Some(2));
}
