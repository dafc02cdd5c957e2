//! The sentence of a finding: `{column}` and `{param}` filled in, dates as 2024-03-01, money as 1,234.00.

/// The placeholders of a message, in order, each once.
pub fn placeholders(template: &str) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    let mut rest = template;
    while let Some(start) = rest.find('{') {
        let Some(end) = rest[start..].find('}') else {
            break;
        };
        let name = &rest[start + 1..start + end];
        if !names.contains(&name) {
            names.push(name);
        }
        rest = &rest[start + end + 1..];
    }
    names
}

/// Fills in a template. A value that is missing is shown as `(无)`; an unknown placeholder stays as written.
pub fn render(template: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(template.len() * 2);
    let mut rest = template;
    while let Some(start) = rest.find('{') {
        let Some(end) = rest[start..].find('}') else {
            break;
        };
        out.push_str(&rest[..start]);
        match value(&rest[start + 1..start + end]) {
            Some(text) if text.is_empty() => out.push_str("(无)"),
            Some(text) => out.push_str(&text),
            None => out.push_str(&rest[start..=start + end]),
        }
        rest = &rest[start + end + 1..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fills_in_and_lists_placeholders() {
        let template = "合同{no}超过{years}年{no}{x}{";
        assert_eq!(placeholders(template), ["no", "years", "x"]);
        let shown = render(template, |name| match name {
            "no" => Some("HT-1".to_owned()),
            "years" => Some(String::new()),
            _ => None,
        });
        assert_eq!(shown, "合同HT-1超过(无)年HT-1{x}{");
    }
}
