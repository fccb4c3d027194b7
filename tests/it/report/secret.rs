//! Secrets do not leave, in whatever form they come back.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use dltflow::report::{Delivered, annotations, comment, json, outputs, summary, text};
use dltflow::secret::{Redactor, Secret};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use proptest::prelude::*;

use super::samples::{everywhere, sources};

proptest! {
    #![proptest_config(super::cases(256))]

    #[test]
    fn a_known_secret_is_taken_out_in_every_form(
        canary in "[A-Za-z0-9+/=_.~\"\\\\-]{12,40}", before in "[a-z ]{0,4}", after in "[a-z ]{0,4}", cut in 1_usize..11,
    ) {
        let secret = Secret::new(&canary).unwrap();
        let redactor = Redactor::new([&secret]);
        let whole = format!("{before}{canary}{after}");
        let percent = utf8_percent_encode(&whole, NON_ALPHANUMERIC).to_string();
        let quoted = serde_json::Value::from(whole.as_str()).to_string();
        let split = format!("{before}{}\r\n    {}{after}", &canary[..cut], &canary[cut..]);
        for text in [&whole, &percent, &quoted, &split] {
            let clean = redactor.redact(text);
            prop_assert!(clean.contains("***"), "{} in {}", clean, text);
            prop_assert!(!clean.contains(&canary) && !clean.contains(&canary[cut..]) || cut > 8, "{}", clean);
        }
        for encoded in [STANDARD.encode(&whole), URL_SAFE_NO_PAD.encode(&whole)] {
            let clean = redactor.redact(&encoded).into_owned();
            prop_assert!(clean.contains("***") && clean.len() < 3 + 2 * 8 + 4, "{}", clean);
        }
    }

    #[test]
    fn redaction_takes_any_text_and_leaves_what_is_no_secret(text in any::<String>()) {
        let redactor = Redactor::new([&Secret::new("aaaa").unwrap()]);
        prop_assert!(!redactor.redact(&text).contains("aaaa"));
        prop_assert_eq!(Redactor::default().redact("plain words"), "plain words");
    }
}

#[test]
fn no_renderer_shows_a_secret_not_even_half_of_one() {
    let canary = "dapi00112233445566778899aabbccddeeff";
    let secret = Secret::new(canary).unwrap();
    // The value is cut at 200 characters: without redaction before, half a token would remain.
    let mut report = everywhere(&format!("{}{canary}", "x ".repeat(90)));
    report.redact(&Redactor::new([&secret]));
    let outputs = outputs(&report, Delivered::default(), "delimiter").unwrap();
    let comment = comment(&report, None).body;
    for shown in [comment, summary(&report), annotations(&report), outputs, json(&report), text(&report, &sources())] {
        assert!(!shown.contains(&canary[..8]), "{shown}");
    }
}

#[test]
fn short_values_are_not_taken_for_secrets() {
    let redactor = Redactor::new([&Secret::new("abc").unwrap()]);
    assert_eq!(redactor.redact("abc dev"), "abc dev");
    let redactor = Redactor::new([&Secret::new("a/b+c=d1").unwrap()]);
    assert_eq!(redactor.redact("?token=a%2fb%2bc%3dd1&x=A%2FB"), "?token=***&x=A%2FB");
}

#[test]
fn the_redactor_itself_shows_nothing() {
    let redactor = Redactor::new([&Secret::new("abc").unwrap()]);
    assert_eq!(format!("{redactor:?}"), "Redactor(0 forms)");
}
