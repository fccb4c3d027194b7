//! Secrets are redacted in every form.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use dltflow::report::{Delivered, Report, annotations, comment, json, outputs, summary, text};
use dltflow::secret::{Redactor, Secrets};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use proptest::prelude::*;

use super::places::{PLACES, placed};
use super::samples::{everywhere, sources};
use crate::support::{Canary, corpus, tally};

/// A redactor that knows that secret.
fn knowing(secret: &str) -> Redactor {
    let secrets = Secrets::default();
    secrets.admit(secret).unwrap();
    secrets.redactor()
}

proptest! {
    #![proptest_config(super::cases(256))]

    #[test]
    fn a_known_secret_is_redacted_in_every_form(
        canary in "[A-Za-z0-9+/=_.~\"\\\\-]{12,40}", before in "[a-z ]{0,4}", after in "[a-z ]{0,4}", cut in 1_usize..11,
    ) {
        let redactor = knowing(&canary);
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
    fn redaction_accepts_any_text_and_keeps_what_is_not_a_secret(text in any::<String>()) {
        let redactor = knowing("aaaa");
        prop_assert!(!redactor.redact(&text).contains("aaaa"));
        prop_assert_eq!(Redactor::default().redact("plain words"), "plain words");
    }
}

#[test]
fn no_renderer_shows_a_secret_or_a_part_of_one() {
    let canary = "dapi00112233445566778899aabbccddeeff";
    // The value is cut at 200 characters: without redaction before, half a token would remain.
    let mut report = everywhere(&format!("{}{canary}", "x ".repeat(90)));
    report.redact(&knowing(canary));
    let outputs = outputs(&report, Delivered::default(), "delimiter").unwrap();
    let comment = comment(&report, None).body;
    for shown in [comment, summary(&report), annotations(&report), outputs, json(&report), text(&report, &sources())] {
        assert!(!shown.contains(&canary[..8]), "{shown}");
    }
}

proptest! {
    #![proptest_config(super::cases(64))]

    #[test]
    fn no_part_of_a_secret_is_left_wherever_a_text_is_truncated(
        secret in "[A-Za-z0-9+/=_.~%&<\"\\\\|`-]{12,40}",
        form in any::<prop::sample::Index>(),
        place in any::<prop::sample::Index>(),
        before in prop_oneof![150_usize..210, 950_usize..1_010, 0_usize..5_000],
        words in "[ \\n]{1,3}",
    ) {
        let (canary, redactor) = (Canary::new(&secret), knowing(&secret));
        let (_, echo) = form.get(&canary.echoes()).clone();
        let (name, put) = place.get(PLACES);
        prop_assume!(!name.ends_with("file"));
        let mut report = placed(*put, &format!("{}{words}{echo}{words}end", "ü".repeat(before)));
        report.redact(&redactor);
        let all = everything(&report);
        prop_assert_eq!(canary.seen(&all), None, "{} in {}: {}", echo, name, all);
    }

    #[test]
    fn clean_text_is_unchanged_and_redacted_text_keeps_its_lines(
        secret in "[A-Za-z0-9+/=]{8,20}", around in any::<[String; 2]>(), cut in 1_usize..8,
    ) {
        let redactor = knowing(&secret);
        let [before, after] = around;
        let text = format!("{before}{}\n {}{after}", &secret[..cut], &secret[cut..]);
        let (clean, covered) = (redactor.redact(&text), redactor.cover(&text));
        prop_assert_eq!(redactor.redact(&clean), &*clean);
        prop_assert_eq!(redactor.redact(&covered), &*covered);
        let breaks = |text: &str| text.match_indices('\n').map(|(at, _)| at).collect::<Vec<_>>();
        prop_assert_eq!((covered.len(), breaks(&covered)), (text.len(), breaks(&text)));
    }
}

#[test]
fn a_truncated_secret_is_recognized() {
    let redactor = knowing("c4n4ry-of-the-workspace");
    for (text, expected) in [
        ("no: c4n4ry-of-the-… (HTTP 400)", "no: ***… (HTTP 400)"),
        ("no: c4n4ry-of-the-work", "no: ***"),
        ("no: c4n4ry… and c4n4ry-of-the-tree", "no: c4n4ry… and c4n4ry-of-the-tree"),
        ("C4N4RY%2Dof%2dthe-…", "***…"),
    ] {
        assert_eq!(redactor.redact(text), expected);
    }
}

/// Places for secrets in every form; the others hold them as they are, and over two lines.
const IN_EVERY_FORM: [&str; 2] = ["failure", "value in the spec"];

/// Each secret in each form that it may come back in, in each place of a report, where a renderer cuts it in half.
#[test]
fn no_secret_of_the_corpus_is_shown_in_any_form_or_place() {
    let secrets = corpus("secrets");
    let mut shown = 0;
    for case in &secrets {
        let text = case.text();
        let (canary, redactor) = (Canary::new(&text), knowing(&text));
        for (form, echo) in canary.echoes() {
            assert!(canary.seen(&echo).is_some(), "the test would not see `{form}` of {}", case.name);
            let clean = redactor.redact(&echo);
            assert_eq!(canary.seen(&clean), None, "{} as {form}: {clean}", case.name);
            let text = at_the_cuts(&echo);
            let is_path = |place: &str| place.ends_with("file");
            let as_it_is = !echo.contains(|c: char| c.is_control() || "/\\".contains(c));
            let places = PLACES.iter().filter(|(place, _)| {
                (as_it_is || !is_path(place))
                    && (["as it is", "over two lines"].contains(&form) || IN_EVERY_FORM.contains(place))
            });
            for (place, put) in places {
                let mut report = placed(*put, &text);
                report.redact(&redactor);
                let all = everything(&report);
                assert_eq!(canary.seen(&all), None, "{} as {form} in {place}:\n{all}", case.name);
                shown += 1;
            }
        }
    }
    let (count, forms) = (secrets.len(), Canary::new("12345678").echoes().len());
    tally(
        "corpus-secrets",
        &format!(
            "{count} secrets in {forms} forms in up to {} places: {shown} reports, 6 renderings each",
            PLACES.len()
        ),
    );
}

/// `text` so that its middle stands where a value is cut, at 200 characters, and where a sentence is, at 1,000.
fn at_the_cuts(text: &str) -> String {
    let half = text.chars().count() / 2;
    let mut out = String::new();
    for limit in [200_usize, 1_000] {
        let room = limit.saturating_sub(out.chars().count() + half + 1);
        out = format!("{out}{}{text} ", "x ".repeat(room / 2));
    }
    out + "and more"
}

fn everything(report: &Report) -> String {
    let outputs = outputs(report, Delivered::default(), "delimiter").unwrap();
    let shown = [
        comment(report, None).body,
        summary(report),
        annotations(report),
        outputs,
        json(report),
        text(report, &sources()),
    ];
    shown.concat()
}

#[test]
fn short_values_are_not_secrets() {
    let redactor = knowing("abc");
    assert_eq!(redactor.redact("abc dev"), "abc dev");
    let redactor = knowing("a/b+c=d1");
    assert_eq!(redactor.redact("?token=a%2fb%2bc%3dd1&x=A%2FB"), "?token=***&x=A%2FB");
}

#[test]
fn the_redactor_itself_shows_nothing() {
    let redactor = knowing("abc");
    assert_eq!(format!("{redactor:?}"), "Redactor(0 forms)");
}
