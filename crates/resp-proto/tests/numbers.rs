//! Numbers of every Rust type, from every form of reply: each digit counts, and none is cut.

use std::fmt::Debug;

use proptest::prelude::*;
use resp_proto::{DecodeError, FromReply};

use crate::decoding::{NULLS, all_give, decode, elements, none_gives};

#[test]
fn integers_come_from_integers_text_and_whole_doubles() {
    let forty_two = [
        ":42\r\n",
        ":+42\r\n",
        ":0042\r\n",
        "$2\r\n42\r\n",
        "$3\r\n+42\r\n",
        "+42\r\n",
        ",42\r\n",
        ",4.2e1\r\n",
        "(42\r\n",
        "=6\r\ntxt:42\r\n",
        "$4\r\n42.0\r\n",
    ];
    all_give::<i8>(&forty_two, 42);
    all_give::<u8>(&forty_two, 42);
    all_give::<i16>(&forty_two, 42);
    all_give::<u16>(&forty_two, 42);
    all_give::<i32>(&forty_two, 42);
    all_give::<u32>(&forty_two, 42);
    all_give::<i64>(&forty_two, 42);
    all_give::<u64>(&forty_two, 42);
    all_give::<i128>(&forty_two, 42);
    all_give::<u128>(&forty_two, 42);
    all_give::<isize>(&forty_two, 42);
    all_give::<usize>(&forty_two, 42);
    all_give(
        &[
            ":-9223372036854775808\r\n",
            "$20\r\n-9223372036854775808\r\n",
        ],
        i64::MIN,
    );
    all_give(
        &[":1234567890123456789\r\n", "(1234567890123456789\r\n"],
        1_234_567_890_123_456_789_i64,
    );
    all_give(
        &[
            "(18446744073709551615\r\n",
            "$20\r\n18446744073709551615\r\n",
        ],
        u64::MAX,
    );
    none_gives::<i64>(NULLS);
    none_gives::<i64>(&[
        "+OK\r\n",
        "$0\r\n\r\n",
        "$1\r\n-\r\n",
        "#t\r\n",
        ",1.5\r\n",
        ",inf\r\n",
        ",nan\r\n",
        "*0\r\n",
    ]);
}

#[test]
fn an_integer_that_does_not_fit_is_out_of_range_and_never_cut() {
    fn refused<T: for<'a> FromReply<'a> + Debug + PartialEq>(name: &'static str, replies: &[&str]) {
        for reply in replies {
            let expected = DecodeError::out_of_range(name);
            assert_eq!(decode::<T>(reply.as_bytes()), Err(expected), "{reply:?}");
        }
    }
    refused::<u8>("u8", &[":256\r\n", ":-1\r\n", "$3\r\n256\r\n", ",300\r\n"]);
    refused::<i8>("i8", &[":128\r\n", ":-129\r\n"]);
    refused::<u32>("u32", &[":4294967296\r\n", ":-1\r\n", "$2\r\n-1\r\n"]);
    refused::<u64>(
        "u64",
        &[":-1\r\n", "(18446744073709551616\r\n", ",1e20\r\n"],
    );
    refused::<i64>(
        "i64",
        &[
            "(9223372036854775808\r\n",
            "$19\r\n9223372036854775808\r\n",
            ",1e19\r\n",
        ],
    );
    let digits = format!("({}\r\n", "9".repeat(60));
    assert!(decode::<u128>(digits.as_bytes()).is_err());
    assert!(decode::<i64>(digits.as_bytes()).is_err());
}

#[test]
fn floats_come_from_doubles_integers_and_text() {
    all_give(
        &[
            ",1.5\r\n",
            "$3\r\n1.5\r\n",
            "+1.5\r\n",
            ",15e-1\r\n",
            "$5\r\n15e-1\r\n",
        ],
        1.5_f64,
    );
    all_give(&[":3\r\n", ",3\r\n", "$1\r\n3\r\n", "(3\r\n"], 3.0_f64);
    all_give(&[",inf\r\n", "$3\r\ninf\r\n", ",1e999\r\n"], f64::INFINITY);
    all_give(&[",-inf\r\n", "$4\r\n-inf\r\n"], f64::NEG_INFINITY);
    all_give(&[",0.1\r\n", "$3\r\n0.1\r\n"], 0.1_f32);
    for nan in [",nan\r\n", ",-nan\r\n", "$3\r\nnan\r\n"] {
        assert!(decode::<f64>(nan.as_bytes()).unwrap().is_nan());
    }
    assert!(decode::<f64>(b",-0\r\n").unwrap().is_sign_negative());
    none_gives::<f64>(NULLS);
    none_gives::<f64>(&["+OK\r\n", "$0\r\n\r\n", "#t\r\n", "*0\r\n", "%0\r\n"]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_double_is_the_number_that_the_standard_library_reads(
        text in "[+-]?[0-9]{1,18}(\\.[0-9]{1,18})?([eE][+-]?[0-9]{1,3})?",
    ) {
        let expected: f64 = text.parse().unwrap();
        let alone = format!(",{text}\r\n");
        prop_assert_eq!(decode::<f64>(alone.as_bytes()).unwrap().to_bits(), expected.to_bits());
        let inside = format!("*2\r\n{alone}{alone}");
        prop_assert_eq!(decode::<[f64; 2]>(inside.as_bytes()), Ok([expected; 2]));
    }
}

#[test]
fn an_integer_in_a_text_is_the_same_alone_and_among_others() {
    let texts = [
        "0",
        "7",
        "-7",
        "-0",
        "007",
        "1234",
        "-12345",
        "12345678",
        "-12345678",
        "123456789",
        "1234567890123456",
        "-1234567890123456",
        "12345678901234567",
        "1234567x",
        "12345678x",
        "123456789012345x",
        "+5",
        "",
        "-",
        "--5",
        " 5",
        "5 ",
        "1\r",
        "5\r\n",
        "5\r\n:1",
        "12a4",
        "a",
        "1.5",
        "1e3",
        "999999999999999999",
        "-999999999999999999",
        "1234567890123456789",
        "9223372036854775807",
        "-9223372036854775808",
        "9223372036854775808",
        "1234567890123456789012",
    ];
    for text in texts {
        let bulk = format!("${}\r\n{text}\r\n", text.len());
        for after in ["", "$1\r\n5\r\n", ":5\r\n", "$-1\r\n", "-5\r\n"] {
            let count = 1 + usize::from(!after.is_empty());
            let array = format!("*{count}\r\n{bulk}{after}");
            let (alone, among) = (
                decode::<i64>(bulk.as_bytes()).map_err(|error| error.at_element(1)),
                decode::<Vec<i64>>(array.as_bytes()),
            );
            assert_eq!(among, elements(array.as_bytes()), "{array:?}");
            if after.ends_with("5\r\n") && !after.starts_with('-') {
                assert_eq!(among, alone.map(|number| vec![number, 5]), "{array:?}");
            }
        }
    }
}

#[test]
fn a_float_of_32_bits_is_rounded_once_and_never_cut() {
    for bits in [
        0x15ae_43fd_u32,
        0x0000_0001,
        0x007f_ffff,
        0x7f7f_ffff,
        0x3f80_0001,
    ] {
        let number = f32::from_bits(bits);
        for text in [
            format!("{number}"),
            format!("{number:e}"),
            format!("-{number:e}"),
        ] {
            let expected = text.parse::<f32>().unwrap().to_bits();
            let double = format!(",{text}\r\n");
            assert_eq!(
                decode::<f32>(double.as_bytes()).map(f32::to_bits),
                Ok(expected),
                "{text}"
            );
            let bulk = format!("${}\r\n{text}\r\n", text.len());
            assert_eq!(
                decode::<f32>(bulk.as_bytes()).map(f32::to_bits),
                Ok(expected),
                "{text}"
            );
        }
    }
    // Between 1 and the next number, closer to that by less than 64 bits can tell.
    let above = b",1.0000000596046447753906250000000000000000001\r\n";
    assert_eq!(decode::<f32>(above), Ok(f32::from_bits(0x3f80_0001)));
    // 2⁶⁰ + 2³⁶ + 1, for which 64 bits have 2⁶⁰ + 2³⁶: half-way.
    let above = b":1152921573326323713\r\n";
    assert_eq!(
        decode::<f32>(above),
        Ok(1_152_921_573_326_323_713_i64 as f32)
    );
    for (infinite, expected) in [
        (",inf\r\n", f32::INFINITY),
        ("$4\r\n-inf\r\n", f32::NEG_INFINITY),
        // Whatever the standard library takes for one, as with 64 bits.
        ("$8\r\nInfinity\r\n", f32::INFINITY),
        ("$4\r\n-INF\r\n", f32::NEG_INFINITY),
    ] {
        assert_eq!(decode::<f32>(infinite.as_bytes()), Ok(expected));
        assert_eq!(decode(infinite.as_bytes()), Ok(f64::from(expected)));
    }
    for large in [",1e300\r\n", "$5\r\n-1e39\r\n", ",3.5e38\r\n", ",1e400\r\n"] {
        let expected = DecodeError::out_of_range("f32");
        assert_eq!(decode::<f32>(large.as_bytes()), Err(expected), "{large}");
    }
    assert!(decode::<f32>(b",nan\r\n").unwrap().is_nan());
    assert!(decode::<f32>(b",-nan\r\n").unwrap().is_nan());
}

#[test]
fn an_integer_is_every_digit_of_its_text() {
    fn gives<T: for<'a> FromReply<'a> + Debug + PartialEq>(text: &str, expected: T) {
        let bulk = format!("${}\r\n{text}\r\n", text.len());
        assert_eq!(decode(bulk.as_bytes()), Ok(expected), "{text}");
    }
    gives("9007199254740993.0", 9_007_199_254_740_993_i64);
    gives("-9223372036854775808.000", i64::MIN);
    gives("1e30", 10_i128.pow(30));
    gives("-1.5E+1", -15_i8);
    gives("1200e-2", 12_u8);
    gives(&format!("{}e-99", "0".repeat(99)), 0_i64);
    gives("0e999999999999999999999", 0_i64);
    gives(&u128::MAX.to_string(), u128::MAX);
    gives(&i128::MIN.to_string(), i128::MIN);
    gives("1.77e+18", 1_770_000_000_000_000_000_i64);
    // As many digits as a double has: it is what a server has printed of one.
    gives("9.2233720368547758e+18", 1_u64 << 63);
    gives("9.223372036854776e18", 1_u64 << 63);
    let largest = format!("({}\r\n", u128::MAX);
    assert_eq!(decode(largest.as_bytes()), Ok(u128::MAX));
    let sixty = format!("({}\r\n", "7".repeat(60));
    for (name, got) in [
        ("i64", decode::<i64>(sixty.as_bytes()).unwrap_err()),
        ("u8", decode::<u8>(sixty.as_bytes()).unwrap_err()),
        ("u128", decode::<u128>(sixty.as_bytes()).unwrap_err()),
        ("i128", decode::<i128>(largest.as_bytes()).unwrap_err()),
        ("i64", decode::<i64>(b",1e300\r\n").unwrap_err()),
        ("u128", decode::<u128>(b",-1e300\r\n").unwrap_err()),
    ] {
        assert_eq!(got, DecodeError::out_of_range(name));
    }
    none_gives::<i64>(&[
        "$4\r\n1e-1\r\n",
        "$1\r\n.\r\n",
        "$2\r\ne5\r\n",
        "$2\r\n1e\r\n",
        "$3\r\n--1\r\n",
        "$4\r\n1.2.\r\n",
        "$2\r\n 1\r\n",
        "$5\r\n1e1.0\r\n",
    ]);
}
