//! The digest of what a rule or a mart says: the same for the same content, however it is laid out.

use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer};
use toml::Value;

use crate::audit::finding::digest;

/// Keys of a rule file that do not change what the rule finds or says.
const APART: [&str; 2] = ["version", "test"];

/// Hex SHA-256 over a rule file without its tests and its version: keys sorted, values with their types, the SQL by its tokens.
///
/// # Errors
/// A Chinese sentence, when the text is no TOML or its SQL cannot be read; both are faults of the pack on their own.
pub fn of_rule(text: &str) -> Result<String, String> {
    let mut table: toml::Table = toml::from_str(text).map_err(|e| e.message().to_owned())?;
    table.retain(|key, _| !APART.contains(&key));
    let mut parts = Vec::new();
    if let Some(Value::Table(query)) = table.get_mut("query")
        && let Some(Value::String(sql)) = query.remove("sql")
    {
        parts = tokens(&sql)?;
    }
    write(&Value::Table(table), &mut parts);
    Ok(digest(parts.iter().map(String::as_str)))
}

/// Hex SHA-256 over the tokens of a mart's SQL; comments and blanks are left out, texts in quotes are kept as they are.
///
/// # Errors
/// A Chinese sentence, when the SQL cannot be read.
pub fn of_sql(sql: &str) -> Result<String, String> {
    Ok(digest(tokens(sql)?.iter().map(String::as_str)))
}

fn tokens(sql: &str) -> Result<Vec<String>, String> {
    let tokens = Tokenizer::new(&GenericDialect {}, sql)
        .tokenize()
        .map_err(|e| format!("SQL 语法有误:{e}"))?;
    let shown = tokens.into_iter().filter_map(|token| match token {
        Token::Whitespace(_) => None,
        token => Some(token.to_string()),
    });
    Ok(shown.collect())
}

/// Each value with its type and, where it holds others, with their number, so that no two values are written alike.
fn write(value: &Value, parts: &mut Vec<String>) {
    match value {
        Value::Table(table) => {
            parts.push(format!("table {}", table.len()));
            let mut entries: Vec<_> = table.iter().collect();
            entries.sort_by_key(|(key, _)| *key);
            for (key, value) in entries {
                parts.push(key.clone());
                write(value, parts);
            }
        }
        Value::Array(items) => {
            parts.push(format!("array {}", items.len()));
            items.iter().for_each(|item| write(item, parts));
        }
        Value::String(text) => parts.push(format!("string {text}")),
        other => parts.push(format!("{} {other}", other.type_str())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::rule::sample::RULE;

    #[test]
    fn layout_comments_tests_and_version_do_not_count() {
        let first = of_rule(RULE).unwrap();
        let tests = RULE.find("[[test]]").unwrap();
        for same in [
            RULE.replace("version = 1", "version = 7"),
            RULE[..tests].to_owned(),
            RULE.replace("FROM contract c JOIN", "FROM  contract c -- why\n  JOIN"),
            RULE.replace("severity = \"low\"\n", "")
                .replace("id =", "severity   = 'low'\nid ="),
        ] {
            assert_eq!(of_rule(&same).unwrap(), first, "{same}");
        }
    }

    #[test]
    fn every_change_of_content_counts() {
        let first = of_rule(RULE).unwrap();
        for (from, to) in [
            ("> p.limit", ">= p.limit"),
            ("default = \"5000.00\"", "default = \"5000.01\""),
            ("default = \"5000.00\"", "default = 5000"),
            ("[\"contract_no\"]", "[\"contract_no\", \"amount\"]"),
            ("severity = \"low\"", "severity = \"high\""),
            ("超过", "高于"),
            ("> p.limit", "> p.limit AND c.kind = 'a b'"),
        ] {
            let changed = RULE.replace(from, to);
            assert_ne!(of_rule(&changed).unwrap(), first, "{from} → {to}");
        }
        let quoted = |text: &str| of_sql(&format!("SELECT '{text}' AS x")).unwrap();
        assert_ne!(quoted("a b"), quoted("a  b"));
        assert_ne!(quoted("--"), quoted("-- b"));
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        assert!(of_rule("id = ").is_err());
        assert!(of_sql("SELECT 'open").is_err());
    }
}
