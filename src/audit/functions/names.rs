//! Names of parties: one spelling for many, how alike two texts are, and hiding most of a name.

use std::sync::{Arc, LazyLock};

use datafusion::arrow::array::{Array as _, AsArray, Int64Array, StringBuilder};
use datafusion::arrow::datatypes::DataType;
use datafusion::logical_expr::ScalarUDF;
use foldhash::HashMap;
use unicode_normalization::UnicodeNormalization;

use super::scalar::{Argument, function};
use crate::audit::tables::cell::mask_identifiers;

pub fn functions() -> Vec<ScalarUDF> {
    vec![
        text_function("norm_name", norm_name),
        text_function("mask", mask),
        function(
            "similarity",
            &[Argument::Text, Argument::Text],
            DataType::Int64,
            |args| {
                let (a, b) = (args[0].as_string::<i32>(), args[1].as_string::<i32>());
                let pair = |(a, b): (Option<&str>, Option<&str>)| Some(similarity(a?, b?));
                Ok(Arc::new(a.iter().zip(b).map(pair).collect::<Int64Array>()))
            },
        ),
    ]
}

fn text_function(name: &'static str, work: fn(&str) -> String) -> ScalarUDF {
    function(name, &[Argument::Text], DataType::Utf8, move |args| {
        // Names repeat from row to row: each is worked out once a batch.
        let mut known: HashMap<&str, String> = HashMap::default();
        let texts = args[0].as_string::<i32>();
        let mut out = StringBuilder::with_capacity(texts.len(), texts.values().len());
        for text in texts {
            match text {
                Some(text) => out.append_value(known.entry(text).or_insert_with(|| work(text))),
                None => out.append_null(),
            }
        }
        Ok(Arc::new(out.finish()))
    })
}

/// Traditional to simplified; compiled in, as an audit's findings must not hang on how names are spelt.
static SIMPLIFIED: LazyLock<HashMap<char, char>> = LazyLock::new(|| {
    let pairs = include_str!("../../../ledger_rules/names/traditional.txt");
    let lines = pairs.lines().filter(|line| !line.starts_with('#'));
    lines
        .flat_map(str::split_whitespace)
        .filter_map(|pair| {
            let mut pair = pair.chars();
            Some((pair.next()?, pair.next()?))
        })
        .collect()
});

/// One spelling of a party's name: half width, lower case, simplified characters, no blanks, round brackets dropped but not
/// what they hold, 有限责任公司/股份有限公司/有限公司/公司 at the end dropped.
pub fn norm_name(name: &str) -> String {
    let plain: String = name
        .nfkc()
        .flat_map(char::to_lowercase)
        .map(|c| SIMPLIFIED.get(&c).copied().unwrap_or(c))
        .filter(|c| {
            !c.is_whitespace()
                && !c.is_control()
                && !matches!(
                    c,
                    '(' | ')'
                        | '['
                        | ']'
                        | '〔'
                        | '〕'
                        | '【'
                        | '】'
                        | '·'
                        | '.'
                        | '-'
                        | '"'
                        | '\''
                        | '“'
                        | '”'
                )
        })
        .collect();
    let short = ["有限责任公司", "股份有限公司", "有限公司", "公司"]
        .iter()
        .find_map(|ending| plain.strip_suffix(ending))
        .unwrap_or(&plain);
    // A name that is nothing but the ending stays whole.
    if short.is_empty() {
        plain
    } else {
        short.to_owned()
    }
}

/// Hides most of a text: a hashed identifier shows its last four, a number its last four, a short name all but its first
/// character.
pub fn mask(text: &str) -> String {
    let masked = mask_identifiers(text);
    if masked != text {
        return masked;
    }
    let chars: Vec<char> = text.trim().chars().collect();
    let digits = chars.iter().filter(|c| c.is_ascii_alphanumeric()).count();
    match chars.len() {
        0 => String::new(),
        n if n > 6 && digits == n => format!("尾号{}", chars[n - 4..].iter().collect::<String>()),
        n => {
            let stars = (n - 1).clamp(1, 3);
            format!("{}{}", chars[0], "*".repeat(stars))
        }
    }
}

/// How alike two texts are, 0 to 100: Dice's coefficient over pairs of neighbouring characters of the normalised texts.
pub fn similarity(a: &str, b: &str) -> i64 {
    let (a, b) = (norm_name(a), norm_name(b));
    if a == b {
        return if a.is_empty() { 0 } else { 100 };
    }
    let pairs = |text: &str| -> (HashMap<(char, char), i64>, i64) {
        let chars: Vec<char> = text.chars().collect();
        let mut counts = HashMap::default();
        for pair in chars.windows(2) {
            *counts.entry((pair[0], pair[1])).or_default() += 1;
        }
        let total = counts.values().sum();
        (counts, total)
    };
    let ((left, left_total), (right, right_total)) = (pairs(&a), pairs(&b));
    if left_total + right_total == 0 {
        return 0;
    }
    let shared: i64 = left
        .iter()
        .map(|(pair, n)| right.get(pair).copied().unwrap_or(0).min(*n))
        .sum();
    200 * shared / (left_total + right_total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_name_agree() {
        for name in [
            "甲商贸有限公司",
            "甲商贸有限责任公司",
            " 甲 商贸有限公司 ",
            "甲商贸股份有限公司",
        ] {
            assert_eq!(norm_name(name), "甲商贸", "{name}");
        }
        assert_eq!(
            norm_name("甲(武汉)商贸有限公司"),
            norm_name("甲(武汉)商贸公司")
        );
        assert_eq!(norm_name("東興實業有限責任公司"), norm_name("东兴实业公司"));
        assert_eq!(norm_name("乾坤"), "乾坤");
        assert_eq!(norm_name("ABC"), "abc");
        assert_eq!(norm_name("有限公司"), "有限公司");
    }

    #[test]
    fn masks() {
        assert_eq!(mask("张某"), "张*");
        assert_eq!(mask("张某某"), "张**");
        assert_eq!(mask("420111199001011234"), "尾号1234");
        assert_eq!(mask("id:00ff00ff00ff00ff:9876"), "尾号9876");
        assert_eq!(mask(""), "");
    }

    #[test]
    fn likeness_is_symmetric_and_bounded() {
        assert_eq!(similarity("一号商铺维修", "一号商铺维修"), 100);
        assert_eq!(similarity("一号商铺维修", "修维铺商号一"), 0);
        let (a, b) = ("一号商铺屋面维修", "一号商铺屋顶维修");
        assert_eq!(similarity(a, b), similarity(b, a));
        assert!((60..80).contains(&similarity(a, b)), "{}", similarity(a, b));
        assert_eq!(similarity("", ""), 0);
        assert_eq!(similarity("甲", "乙"), 0);
    }
}
