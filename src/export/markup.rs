//! Records as XML or JSON, written as they come.

use std::borrow::Cow;

use super::ExportError;
use super::folder::Out;

/// XML or JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Xml,
    Json,
}

/// One field: name, `locID` (XML only), text. Empty ones are left out.
pub type Field<'f> = (&'f str, Option<&'f str>, Cow<'f, str>);

/// A document of groups that hold tables that hold records.
pub struct Document {
    form: Form,
    out: Out,
    open: Vec<String>,
    /// The innermost group or table of a JSON document has something in it.
    begun: Vec<bool>,
}

impl Document {
    /// Begins a document. `head` stands in front of the first group: a comment in XML, a member in JSON.
    pub fn new(form: Form, mut out: Out, head: (&str, &str)) -> Result<Document, ExportError> {
        out.write(&match form {
            Form::Xml => format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- {} {} -->\n",
                head.0, head.1
            ),
            Form::Json => format!("{{\n{}: {}", json(head.0), json(head.1)),
        })?;
        Ok(Document {
            form,
            out,
            open: Vec::new(),
            begun: vec![true],
        })
    }

    /// Begins a group.
    pub fn group(&mut self, name: &str) -> Result<(), ExportError> {
        let text = match self.form {
            Form::Xml => format!("<{name}>\n"),
            Form::Json => format!("{}{}: {{", self.comma(), json(name)),
        };
        self.open.push(name.to_owned());
        self.begun.push(false);
        self.out.write(&text)
    }

    /// Ends the innermost group.
    pub fn end_group(&mut self) -> Result<(), ExportError> {
        self.begun.pop();
        let name = self.open.pop().unwrap_or_default();
        self.out.write(&match self.form {
            Form::Xml => format!("</{name}>\n"),
            Form::Json => "\n}".to_owned(),
        })
    }

    /// Appends the records of a table that were written apart ([`Records`]).
    pub fn table(&mut self, name: &str, records: Records) -> Result<(), ExportError> {
        let (path, count) = records.finish()?;
        if count == 0 {
            return Ok(());
        }
        if self.form == Form::Json {
            let text = format!("{}{}: [\n", self.comma(), json(name));
            self.out.write(&text)?;
        }
        self.out.append(&path)?;
        if self.form == Form::Json {
            self.out.write("\n]")?;
        }
        // It would stand in the folder as a file of its own.
        std::fs::remove_file(&path).map_err(|source| ExportError::Unwritable { path, source })
    }

    pub fn finish(mut self) -> Result<(), ExportError> {
        if self.form == Form::Json {
            self.out.write("\n}\n")?;
        }
        self.out.finish()
    }

    fn comma(&mut self) -> &'static str {
        match self.begun.last_mut() {
            Some(begun) if !*begun => {
                *begun = true;
                "\n"
            }
            _ => ",\n",
        }
    }
}

/// Records of one table in a file of their own, to be joined to the document when all are there.
pub struct Records {
    form: Form,
    name: String,
    out: Out,
    path: std::path::PathBuf,
    pub count: u64,
}

impl Records {
    pub fn new(form: Form, name: &str, out: Out, path: std::path::PathBuf) -> Records {
        Records {
            form,
            name: name.to_owned(),
            out,
            path,
            count: 0,
        }
    }

    pub fn push(&mut self, fields: &[Field<'_>]) -> Result<(), ExportError> {
        let filled = fields.iter().filter(|(_, _, text)| !text.is_empty());
        let mut line = String::with_capacity(512);
        match self.form {
            Form::Xml => {
                line.push_str(&format!("<{}>", self.name));
                for (name, id, text) in filled {
                    element(&mut line, name, *id, text);
                }
                line.push_str(&format!("</{}>\n", self.name));
            }
            Form::Json => {
                line.push_str(if self.count == 0 { "{" } else { ",\n{" });
                for (i, (name, _, text)) in filled.enumerate() {
                    line.push_str(if i == 0 { "" } else { "," });
                    line.push_str(&format!("{}:{}", json(name), json(text)));
                }
                line.push('}');
            }
        }
        self.count += 1;
        self.out.write(&line)
    }

    fn finish(self) -> Result<(std::path::PathBuf, u64), ExportError> {
        self.out.finish()?;
        Ok((self.path, self.count))
    }
}

/// An element with text.
pub fn element(out: &mut String, name: &str, id: Option<&str>, text: &str) {
    out.push('<');
    out.push_str(name);
    if let Some(id) = id {
        out.push_str(&format!(" locID=\"{id}\""));
    }
    out.push('>');
    out.push_str(&escaped(text));
    out.push_str("</");
    out.push_str(name);
    out.push('>');
}

/// Text as XML may hold it: what XML 1.0 has no place for becomes the sign for an unknown character.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\r' => out.push_str("&#13;"),
            '\t' | '\n' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'.. => out.push(c),
            _ => out.push('\u{fffd}'),
        }
    }
    out
}

fn json(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
