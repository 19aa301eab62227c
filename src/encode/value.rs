//! One value of a row as JSON and as bare text.

use crate::model::Enumeration;
use crate::store::Cell;
use crate::value::{Language, MultilanguageString};

use super::escape::{json_escaped, json_string};
use super::scalar;
use super::style::Control;

/// Appends the type of multi-language texts, the first member of their objects.
fn languages_type(out: &mut Vec<u8>, control: Control) {
    out.extend_from_slice(b"\"@");
    out.extend_from_slice(control.prefix().as_bytes());
    out.extend_from_slice(b"type\":\"#Erp.MultilanguageString\"");
}

/// What the kind of a cell leaves open about its form.
#[derive(Debug)]
pub(super) enum Form<'m> {
    /// As it is.
    Plain,
    /// Whole numbers as strings: `Edm.Int64` under `IEEE754Compatible`.
    Quoted,
    /// Whole numbers that are millionths: `Edm.Decimal`.
    Millionths {
        /// Whether they are strings: under `IEEE754Compatible`.
        quoted: bool,
    },
    /// The code of a member of this enumeration; its name is written.
    Code(&'m Enumeration),
    /// The texts of all languages.
    Languages {
        /// How the object says its type, where it does (`odata.metadata=full`).
        typed: Option<Control>,
    },
    /// The texts of these languages, as an object.
    SomeLanguages {
        /// Their keys.
        keys: Vec<String>,
        /// How the object says its type, where it does.
        typed: Option<Control>,
    },
    /// The text of this language only, null where it is missing.
    OneLanguage(String),
    /// The text of this language, else of the first: what people read.
    SpokenLanguage(Language),
    /// A guid that is the key of an entity of this set: its address is written.
    Address(&'m str, Control),
}

/// How a cell is written.
pub(super) struct Written {
    /// Whether the value is null.
    pub(super) null: bool,
    /// Whether it is text that a person gave, not the text of a number or a code.
    pub(super) free_text: bool,
}

const NULL: Written = Written {
    null: true,
    free_text: false,
};
const VALUE: Written = Written {
    null: false,
    free_text: false,
};
const FREE_TEXT: Written = Written {
    null: false,
    free_text: true,
};

/// Appends the JSON of a cell; says whether it was null.
pub(super) fn json(out: &mut Vec<u8>, cell: Cell<'_>, form: &Form<'_>) -> bool {
    match cell {
        Cell::Null => return json_null(out),
        Cell::Boolean(true) => out.extend_from_slice(b"true"),
        Cell::Boolean(false) => out.extend_from_slice(b"false"),
        Cell::Integer(number) if matches!(form, Form::Quoted) => {
            quoted(out, |out| scalar::integer(out, number));
        }
        Cell::Integer(number) => match form {
            Form::Millionths { quoted: true } => quoted(out, |out| scalar::millionths(out, number)),
            Form::Millionths { quoted: false } => scalar::millionths(out, number),
            Form::Plain
            | Form::Quoted
            | Form::Code(_)
            | Form::Languages { .. }
            | Form::SomeLanguages { .. }
            | Form::OneLanguage(_)
            | Form::SpokenLanguage(_)
            | Form::Address(..) => scalar::integer(out, number),
        },
        Cell::Text(text) => return json_text(out, text, form),
        Cell::Guid(guid) => match form {
            Form::Address(set, control) => json_address(out, set, guid, *control),
            Form::Plain
            | Form::Quoted
            | Form::Millionths { .. }
            | Form::Code(_)
            | Form::Languages { .. }
            | Form::SomeLanguages { .. }
            | Form::OneLanguage(_)
            | Form::SpokenLanguage(_) => quoted(out, |out| scalar::guid(out, guid)),
        },
        Cell::Timestamp(time) => quoted(out, |out| scalar::timestamp(out, time)),
        Cell::Binary(bytes) => quoted(out, |out| scalar::binary(out, bytes)),
    }
    false
}

/// Appends `{"@odata.id":"Set(guid)"}`.
pub(super) fn json_address(out: &mut Vec<u8>, set: &str, guid: uuid::Uuid, control: Control) {
    out.extend_from_slice(b"{\"@");
    out.extend_from_slice(control.prefix().as_bytes());
    out.extend_from_slice(b"id\":\"");
    address(out, set, guid);
    out.extend_from_slice(b"\"}");
}

/// Appends `Set(guid)`, the address of an entity relative to the service root.
pub(super) fn address(out: &mut Vec<u8>, set: &str, guid: uuid::Uuid) {
    out.extend_from_slice(set.as_bytes());
    out.push(b'(');
    scalar::guid(out, guid);
    out.push(b')');
}

fn json_null(out: &mut Vec<u8>) -> bool {
    out.extend_from_slice(b"null");
    true
}

fn quoted(out: &mut Vec<u8>, inside: impl FnOnce(&mut Vec<u8>)) {
    out.push(b'"');
    inside(out);
    out.push(b'"');
}

/// Appends the JSON of a text cell.
fn json_text(out: &mut Vec<u8>, text: &str, form: &Form<'_>) -> bool {
    match form {
        Form::Plain | Form::Quoted | Form::Millionths { .. } | Form::Address(..) => {
            json_string(out, text);
        }
        // Names of members are identifiers: nothing in them needs an escape.
        Form::Code(enumeration) => match enumeration.by_code(text) {
            Some(member) => quoted(out, |out| out.extend_from_slice(member.name.as_bytes())),
            None => json_string(out, text),
        },
        // INVARIANT: the database holds JSON objects with upper-case keys only; the writers and a
        // constraint see to it.
        Form::Languages { typed: None } => out.extend_from_slice(text.as_bytes()),
        Form::Languages { typed: Some(how) } => typed_languages(out, text, *how),
        Form::SomeLanguages { keys, typed } => some_languages(out, text, keys, *typed),
        Form::OneLanguage(key) => match one_language(text, key) {
            Some(words) => json_string(out, &words),
            None => return json_null(out),
        },
        Form::SpokenLanguage(language) => match spoken(text, language) {
            Some(words) => json_string(out, &words),
            None => return json_null(out),
        },
    }
    false
}

/// Appends the stored object with its type as the first member.
fn typed_languages(out: &mut Vec<u8>, text: &str, control: Control) {
    out.push(b'{');
    languages_type(out, control);
    let members = text.trim_start().strip_prefix('{').unwrap_or("}");
    if members.trim_start() != "}" {
        out.push(b',');
    }
    out.extend_from_slice(members.as_bytes());
}

/// Appends an object of the wanted languages, in the order in which they are stored.
fn some_languages(out: &mut Vec<u8>, text: &str, keys: &[String], typed: Option<Control>) {
    let texts = MultilanguageString::from_json(text).unwrap_or_default();
    let start = out.len();
    if let Some(control) = typed {
        out.push(b',');
        languages_type(out, control);
    }
    for (key, words) in texts.iter().filter(|(k, _)| keys.iter().any(|w| w == k)) {
        out.extend_from_slice(b",\"");
        json_escaped(out, key);
        out.extend_from_slice(b"\":");
        json_string(out, words);
    }
    super::row::close_object(out, start);
}

/// The text in exactly this language.
fn one_language(text: &str, key: &str) -> Option<String> {
    let texts = MultilanguageString::from_json(text)?;
    texts
        .iter()
        .find_map(|(k, words)| (k == key).then(|| words.to_owned()))
}

/// The text in this language, else in the first.
fn spoken(text: &str, language: &Language) -> Option<String> {
    MultilanguageString::from_json(text)?
        .text(language)
        .map(str::to_owned)
}

/// Appends the bare text of a cell: what `$value`, display texts and table cells show.
pub(super) fn text(out: &mut Vec<u8>, cell: Cell<'_>, form: &Form<'_>) -> Written {
    match cell {
        Cell::Null => return NULL,
        Cell::Boolean(true) => out.extend_from_slice(b"true"),
        Cell::Boolean(false) => out.extend_from_slice(b"false"),
        Cell::Integer(number) if matches!(form, Form::Millionths { .. }) => {
            scalar::millionths(out, number);
        }
        Cell::Integer(number) => scalar::integer(out, number),
        Cell::Text(words) => return bare_text(out, words, form),
        Cell::Guid(guid) => match form {
            Form::Address(set, _) => address(out, set, guid),
            Form::Plain
            | Form::Quoted
            | Form::Millionths { .. }
            | Form::Code(_)
            | Form::Languages { .. }
            | Form::SomeLanguages { .. }
            | Form::OneLanguage(_)
            | Form::SpokenLanguage(_) => scalar::guid(out, guid),
        },
        Cell::Timestamp(time) => scalar::timestamp(out, time),
        Cell::Binary(bytes) => scalar::binary(out, bytes),
    }
    VALUE
}

/// The bare value of a cell as a body, bytes as they are; nothing for null.
pub(super) fn raw(cell: Cell<'_>, form: &Form<'_>) -> Option<Vec<u8>> {
    match cell {
        Cell::Binary(bytes) => Some(bytes.to_vec()),
        Cell::Null
        | Cell::Boolean(_)
        | Cell::Integer(_)
        | Cell::Text(_)
        | Cell::Guid(_)
        | Cell::Timestamp(_) => {
            let mut out = Vec::new();
            let written = text(&mut out, cell, form);
            (!written.null).then_some(out)
        }
    }
}

/// Appends the bare text of a text cell.
fn bare_text(out: &mut Vec<u8>, words: &str, form: &Form<'_>) -> Written {
    let chosen = match form {
        Form::Plain
        | Form::Quoted
        | Form::Millionths { .. }
        | Form::Address(..)
        | Form::Languages { .. } => {
            out.extend_from_slice(words.as_bytes());
            return FREE_TEXT;
        }
        Form::Code(enumeration) => {
            let name = enumeration.by_code(words).map_or(words, |m| &m.name);
            out.extend_from_slice(name.as_bytes());
            return VALUE;
        }
        Form::SomeLanguages { keys, .. } => {
            some_languages(out, words, keys, None);
            return FREE_TEXT;
        }
        Form::OneLanguage(key) => one_language(words, key),
        Form::SpokenLanguage(language) => spoken(words, language),
    };
    chosen.map_or(NULL, |words| {
        out.extend_from_slice(words.as_bytes());
        FREE_TEXT
    })
}
