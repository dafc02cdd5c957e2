//! Amounts in capitals (大写), as vouchers and official papers write them.

use super::Money;

const DIGITS: [char; 10] = ['零', '壹', '贰', '叁', '肆', '伍', '陆', '柒', '捌', '玖'];

/// `人民币壹仟零伍元叁角整` for 1 005.30 元. 整 follows 元 and 角, never 分; a negative amount begins with 负.
///
/// Form: 支付结算办法 附件一《正确填写票据和结算凭证的基本规定》 (zeros between digits are written once, 整 after 元 or 角).
pub fn capitals(amount: Money) -> String {
    let fen = amount.0.unsigned_abs();
    let (yuan, jiao, cents) = (fen / 100, fen / 10 % 10, fen % 10);
    let mut out = String::from(if amount.0 < 0 {
        "人民币负"
    } else {
        "人民币"
    });
    if yuan > 0 {
        out.push_str(&whole(yuan));
        out.push('元');
    }
    match (jiao, cents) {
        (0, 0) if yuan == 0 => out.push_str("零元整"),
        (0, 0) => out.push('整'),
        (_, 0) => out.extend([digit(jiao), '角', '整']),
        (0, _) if yuan == 0 => out.extend([digit(cents), '分']),
        (0, _) => out.extend(['零', digit(cents), '分']),
        _ => out.extend([digit(jiao), '角', digit(cents), '分']),
    }
    out
}

/// A whole number, by groups of four digits.
fn whole(mut number: u64) -> String {
    let mut groups = Vec::new();
    while number > 0 {
        groups.push(number % 10_000);
        number /= 10_000;
    }
    let units = ["", "万", "亿", "万亿", "亿亿"];
    let mut out = String::new();
    let mut skipped = false;
    for (place, group) in groups.iter().enumerate().rev() {
        if *group == 0 {
            skipped = !out.is_empty();
            continue;
        }
        if !out.is_empty() && (skipped || *group < 1_000) {
            out.push('零');
        }
        skipped = false;
        out.push_str(&four(*group));
        out.push_str(units[place]);
    }
    out
}

/// One to four digits, `零` once for zeros between others.
fn four(group: u64) -> String {
    let mut out = String::new();
    let mut zero = false;
    for (value, unit) in [(1_000, "仟"), (100, "佰"), (10, "拾"), (1, "")] {
        let d = group / value % 10;
        if d == 0 {
            zero = !out.is_empty();
            continue;
        }
        if zero {
            out.push('零');
            zero = false;
        }
        out.push(digit(d));
        out.push_str(unit);
    }
    out
}

fn digit(value: u64) -> char {
    DIGITS[usize::try_from(value % 10).unwrap_or(0)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_vouchers_write_it() {
        for (fen, text) in [
            (0, "人民币零元整"),
            (5, "人民币伍分"),
            (30, "人民币叁角整"),
            (100, "人民币壹元整"),
            (100_530, "人民币壹仟零伍元叁角整"),
            (1_000_007, "人民币壹万元零柒分"),
            (10_740_050, "人民币壹拾万柒仟肆佰元伍角整"),
            (168_032, "人民币壹仟陆佰捌拾元叁角贰分"),
            (100_000_000, "人民币壹佰万元整"),
            (10_000_500_000, "人民币壹亿零伍仟元整"),
            (10_000_000_100, "人民币壹亿零壹元整"),
            (100_200_300_405, "人民币壹拾亿零贰佰万叁仟零肆元零伍分"),
            (-2_050, "人民币负贰拾元伍角整"),
            (1_000_000_000_000_000, "人民币壹拾万亿元整"),
        ] {
            assert_eq!(capitals(Money(fen)), text, "{fen}");
        }
    }

    #[test]
    fn every_amount_that_the_door_lets_in_can_be_written() {
        let mut fen = 1i64;
        while fen <= super::super::money::MAX_FEN {
            assert!(!capitals(Money(fen)).contains("零零"), "{fen}");
            fen = fen * 3 + 7;
        }
    }
}
