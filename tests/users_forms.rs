//! Every attribute of Users × every form of filter: allowed forms give exactly the rows that an
//! evaluator of a few lines picks in memory, every other form is refused, on both databases, with
//! the same bytes.
//!
//! The table of declarations is written out from the source document (S1, *Attributes* and
//! *References*), not derived from `metadata/`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::wildcard_enum_match_arm,
    reason = "helpers of tests"
)]

mod support;

use serde_json::Value as Json;
use support::{Database, Databases};
use userdex::diag::Code;

/// What the source says of an attribute.
struct Fact {
    name: &'static str,
    kind: Kind,
    filters: &'static [&'static str],
    order: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Int,
    Bool,
    /// Text that compares folded.
    Text,
    /// Text that compares exactly.
    Exact,
    Languages,
    Time,
    Guid,
    Enum,
    Reference(&'static str),
    Secret,
}

const fn fact(
    name: &'static str,
    kind: Kind,
    filters: &'static [&'static str],
    order: bool,
) -> Fact {
    Fact {
        name,
        kind,
        filters,
        order,
    }
}

/// The source's declarations, attribute by attribute.
const USERS: &[Fact] = &[
    fact("AccessFailedCount", Kind::Int, &["eq", "ge", "le"], false),
    fact("Active", Kind::Bool, &["eq"], false),
    fact("BasicAuthenticationAllowed", Kind::Bool, &["eq"], false),
    fact("CompanyName", Kind::Exact, &[], false),
    fact("CreationTimeUtc", Kind::Time, &["ge", "le"], false),
    fact("DefaultLanguage", Kind::Exact, &["eq"], false),
    fact("DisplayText", Kind::Exact, &[], false),
    fact("Email", Kind::Text, &["eq", "in", "like"], true),
    fact("EmailConfirmed", Kind::Bool, &["eq"], false),
    fact("Id", Kind::Guid, &["eq", "in"], true),
    fact("IsAdmin", Kind::Bool, &["eq"], false),
    fact(
        "LockoutEndUtc",
        Kind::Time,
        &["eq", "ge", "le", "like"],
        false,
    ),
    fact("Login", Kind::Text, &["eq", "in", "like"], true),
    fact("Name", Kind::Languages, &["like"], false),
    fact("Notes", Kind::Exact, &[], false),
    fact("ObjectVersion", Kind::Int, &[], false),
    fact("Password", Kind::Secret, &[], false),
    fact("PasswordFormat", Kind::Enum, &["eq"], false),
    fact("PhoneNumber", Kind::Text, &["eq", "like"], false),
    fact("PhoneNumberConfirmed", Kind::Bool, &["eq"], false),
    fact("RegistrationMessage", Kind::Exact, &[], false),
    fact("TwoFactorEnabled", Kind::Bool, &["eq"], false),
    fact("UserType", Kind::Enum, &["eq", "in"], false),
    fact("VoiceExtensionNumbers", Kind::Exact, &[], false),
    fact("WindowsUserName", Kind::Exact, &[], false),
    fact(
        "Domain",
        Kind::Reference("Systems_Security_Domains"),
        &["eq", "in"],
        false,
    ),
    fact(
        "Model",
        Kind::Reference("Projects_AI_Models"),
        &["eq", "in"],
        false,
    ),
    fact(
        "Person",
        Kind::Reference("General_Contacts_Persons"),
        &["eq", "in"],
        false,
    ),
];

/// A form of condition: its text (`A` the attribute, `V` a value, `W` another), the declaration
/// that allows it, and what it means for an attribute that holds `a`.
struct Form {
    text: &'static str,
    needs: &'static str,
    holds: fn(&Operand<'_>) -> bool,
}

/// What a condition looks at. Values are already comparable: folded where the attribute is.
struct Operand<'a> {
    /// The value of the attribute, one per language; empty for null.
    a: &'a [String],
    v: &'a str,
    w: &'a str,
    kind: Kind,
}

impl Operand<'_> {
    fn null(&self) -> bool {
        self.a.is_empty()
    }

    fn is(&self, order: &[std::cmp::Ordering], v: &str) -> bool {
        self.a.iter().any(|a| {
            let found = match self.kind {
                Kind::Int => a.parse::<i64>().unwrap().cmp(&v.parse::<i64>().unwrap()),
                _ => a.as_str().cmp(v),
            };
            order.contains(&found)
        })
    }
}

use std::cmp::Ordering::{Equal, Greater, Less};

const FORMS: &[Form] = &[
    Form {
        text: "A eq V",
        needs: "eq",
        holds: |o| o.is(&[Equal], o.v),
    },
    Form {
        text: "V eq A",
        needs: "eq",
        holds: |o| o.is(&[Equal], o.v),
    },
    Form {
        text: "A ne V",
        needs: "eq",
        holds: |o| !o.is(&[Equal], o.v),
    },
    Form {
        text: "not (A eq V)",
        needs: "eq",
        holds: |o| !o.is(&[Equal], o.v),
    },
    Form {
        text: "A eq null",
        needs: "eq",
        holds: |o| o.null(),
    },
    Form {
        text: "A ne null",
        needs: "eq",
        holds: |o| !o.null(),
    },
    Form {
        text: "equalnull(A,V)",
        needs: "eq",
        holds: |o| o.null() || o.is(&[Equal], o.v),
    },
    Form {
        text: "A eq V or A eq W",
        needs: "eq",
        holds: |o| o.is(&[Equal], o.v) || o.is(&[Equal], o.w),
    },
    Form {
        text: "A eq V and not (A eq W)",
        needs: "eq",
        holds: |o| o.is(&[Equal], o.v) && !o.is(&[Equal], o.w),
    },
    Form {
        text: "A in (V,W)",
        needs: "in",
        holds: |o| o.is(&[Equal], o.v) || o.is(&[Equal], o.w),
    },
    Form {
        text: "A in (V, null)",
        needs: "in",
        holds: |o| o.null() || o.is(&[Equal], o.v),
    },
    Form {
        text: "not (A in (V,W))",
        needs: "in",
        holds: |o| !o.is(&[Equal], o.v) && !o.is(&[Equal], o.w),
    },
    Form {
        text: "A ge V",
        needs: "ge",
        holds: |o| o.is(&[Greater, Equal], o.v),
    },
    Form {
        text: "A gt V",
        needs: "ge",
        holds: |o| o.is(&[Greater], o.v),
    },
    Form {
        text: "A le V",
        needs: "le",
        holds: |o| o.is(&[Less, Equal], o.v),
    },
    Form {
        text: "A lt V",
        needs: "le",
        holds: |o| o.is(&[Less], o.v),
    },
    Form {
        text: "not (A ge V)",
        needs: "ge",
        holds: |o| !o.is(&[Greater, Equal], o.v),
    },
    Form {
        text: "greaterequalnull(A,V)",
        needs: "ge",
        holds: |o| o.null() || o.is(&[Greater, Equal], o.v),
    },
    Form {
        text: "lessequalnull(A,V)",
        needs: "le",
        holds: |o| o.null() || o.is(&[Less, Equal], o.v),
    },
    Form {
        text: "contains(A,T)",
        needs: "like",
        holds: |o| o.a.iter().any(|a| a.contains(o.v)),
    },
    Form {
        text: "startswith(A,T)",
        needs: "like",
        holds: |o| o.a.iter().any(|a| a.starts_with(o.v)),
    },
    Form {
        text: "endswith(A,T)",
        needs: "like",
        holds: |o| o.a.iter().any(|a| a.ends_with(o.v)),
    },
    Form {
        text: "not contains(A,T)",
        needs: "like",
        holds: |o| !o.null() && !o.a.iter().any(|a| a.contains(o.v)),
    },
    Form {
        text: "A has V",
        needs: "never",
        holds: |_| false,
    },
    Form {
        text: "length(A) gt 3",
        needs: "never",
        holds: |_| false,
    },
    Form {
        text: "substring(A,1) eq 'x'",
        needs: "never",
        holds: |_| false,
    },
    Form {
        text: "concat(A,'x') eq 'x'",
        needs: "never",
        holds: |_| false,
    },
    Form {
        text: "A add 1 eq 2",
        needs: "never",
        holds: |_| false,
    },
];

/// The literal of a value in a query.
fn literal(kind: Kind, value: &str) -> String {
    match kind {
        Kind::Int | Kind::Bool | Kind::Time | Kind::Guid => value.to_owned(),
        Kind::Reference(set) => format!("'{set}({value})'"),
        Kind::Text | Kind::Exact | Kind::Languages | Kind::Enum | Kind::Secret => quoted(value),
    }
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Case folding for the words of the demonstration, independent of the program's.
fn folded(text: &str) -> String {
    text.to_lowercase().replace('ß', "ss")
}

/// What an attribute holds in a row of the unfiltered set: one text per language, none for null.
fn held(fact: &Fact, row: &Json) -> Vec<String> {
    let value = &row[fact.name];
    let plain = |json: &Json| match json {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    };
    match (fact.kind, value) {
        (_, Json::Null) => Vec::new(),
        (Kind::Languages, Json::Object(texts)) => {
            texts.values().map(|t| folded(&plain(t))).collect()
        }
        (Kind::Reference(_), link) => {
            let id = plain(&link["@odata.id"]);
            vec![id.split(['(', ')']).nth(1).unwrap().to_owned()]
        }
        (Kind::Text, text) => vec![folded(&plain(text))],
        (_, value) => vec![plain(value)],
    }
}

/// The values that a form is tried with: some that rows hold, and one that none holds.
fn samples(fact: &Fact, rows: &[Json]) -> Vec<String> {
    let mut all: Vec<String> = rows.iter().flat_map(|row| held(fact, row)).collect();
    all.sort();
    all.dedup();
    let mut some: Vec<String> = [0, 1, 2]
        .iter()
        .filter_map(|third| all.get(all.len() * third / 3).cloned())
        .collect();
    some.dedup();
    some.push(match fact.kind {
        Kind::Int => "4711".into(),
        Kind::Bool => "true".into(),
        Kind::Time => "2031-05-06T07:08:09Z".into(),
        Kind::Guid | Kind::Reference(_) => "00000000-0000-4000-8000-000000000000".into(),
        Kind::Enum if fact.name == "UserType" => "VirtualUserNoLogin".into(),
        Kind::Enum => "MD5".into(),
        Kind::Text | Kind::Exact | Kind::Languages | Kind::Secret => "it's_100%".into(),
    });
    some
}

/// Parts of texts for the text functions: whole values, parts, other cases, wildcards.
fn needles(fact: &Fact, rows: &[Json]) -> Vec<String> {
    let mut needles: Vec<String> = vec![
        "_".into(),
        "%".into(),
        "о".into(),
        "STRA".into(),
        "é".into(),
    ];
    for value in samples(fact, rows) {
        needles.push(value.chars().take(3).collect());
        needles.push(
            value
                .chars()
                .rev()
                .take(3)
                .collect::<Vec<_>>()
                .into_iter()
                .rev()
                .collect(),
        );
        needles.push(value.to_uppercase());
    }
    needles
}

/// Whether the source declares what a form needs.
fn declared(fact: &Fact, form: &Form) -> bool {
    fact.filters.contains(&form.needs)
}

#[test]
fn allowed_forms_give_the_right_rows() {
    let all = Databases::with_demo(300);
    for database in all.iter() {
        let rows = unfiltered(database);
        assert_eq!(rows.len(), 300);
        let mut checked = 0;
        for fact in USERS {
            for form in FORMS.iter().filter(|form| declared(fact, form)) {
                checked += check_rows(database, &rows, fact, form);
            }
        }
        assert!(checked > 500, "only {checked} conditions were tried");
    }
}

/// Tries one form with several values and compares with the evaluator; gives how many were tried.
fn check_rows(database: &Database, rows: &[Json], fact: &Fact, form: &Form) -> usize {
    let text_function = form.text.contains("A,T");
    let values = if text_function {
        needles(fact, rows)
    } else {
        samples(fact, rows)
    };
    for (i, v) in values.iter().enumerate() {
        let w = &values[(i + 1) % values.len()];
        let condition = spell(fact, form, v, w);
        let (v, w) = match fact.kind {
            Kind::Text | Kind::Languages => (folded(v), folded(w)),
            Kind::Time if text_function => (v.to_uppercase(), w.to_uppercase()),
            _ => (v.clone(), w.clone()),
        };
        let mut expected: Vec<&str> = rows
            .iter()
            .filter(|row| {
                let a = held(fact, row);
                (form.holds)(&Operand {
                    a: &a,
                    v: &v,
                    w: &w,
                    kind: fact.kind,
                })
            })
            .map(|row| row["Id"].as_str().unwrap())
            .collect();
        expected.sort_unstable();
        let query = format!(
            "Systems_Security_Users?$select=Id&$filter={}",
            support::encode(&condition)
        );
        let answer = database
            .get(&query)
            .unwrap_or_else(|p| panic!("{condition}: {p:?}"));
        let found: Json = serde_json::from_str(&answer).unwrap();
        let found: Vec<&str> = found["value"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["Id"].as_str().unwrap())
            .collect();
        assert_eq!(found, expected, "{condition} on {}", database.name());
    }
    values.len()
}

/// The text of a form for an attribute and two values.
fn spell(fact: &Fact, form: &Form, v: &str, w: &str) -> String {
    let mut text = String::new();
    let mut letters = form.text.chars().peekable();
    let mut before = ' ';
    while let Some(c) = letters.next() {
        let alone =
            !before.is_alphanumeric() && !letters.peek().is_some_and(|n| n.is_alphanumeric());
        match c {
            'A' if alone => text.push_str(fact.name),
            'V' if alone => text.push_str(&literal(fact.kind, v)),
            'W' if alone => text.push_str(&literal(fact.kind, w)),
            'T' if alone => text.push_str(&quoted(v)),
            other => text.push(other),
        }
        before = c;
    }
    text
}

/// The whole set, with every attribute.
fn unfiltered(database: &Database) -> Vec<Json> {
    let answer = database
        .get("Systems_Security_Users?$select=default,ObjectVersion,DisplayText")
        .unwrap();
    let answer: Json = serde_json::from_str(&answer).unwrap();
    answer["value"].as_array().unwrap().clone()
}

#[test]
fn every_other_form_is_refused() {
    let all = Databases::with_demo(20);
    for database in all.iter() {
        let rows = unfiltered(database);
        for fact in USERS {
            let v = samples(fact, &rows).pop().unwrap();
            for form in FORMS.iter().filter(|form| !declared(fact, form)) {
                let condition = spell(fact, form, &v, &v);
                for entrance in [
                    format!(
                        "Systems_Security_Users?$filter={}",
                        support::encode(&condition)
                    ),
                    format!(
                        "Systems_Security_Users/$count?$filter={}",
                        support::encode(&condition)
                    ),
                    format!(
                        "Systems_Security_UserGroups?$filter={}",
                        support::encode(&through(fact, &condition))
                    ),
                    format!(
                        "Systems_Security_Users?$expand=Groups($filter={})",
                        support::encode(&through(fact, &condition))
                    ),
                ] {
                    let problem = match database.get(&entrance) {
                        Ok(answer) => panic!("`{entrance}` was answered: {answer:.200}"),
                        Err(problem) => problem,
                    };
                    let expected = match fact.kind {
                        Kind::Secret => Code::AttributeNotReadable,
                        _ => Code::FilterNotDeclared,
                    };
                    assert_eq!(problem.code(), expected, "{entrance}: {problem:?}");
                    assert!(
                        problem.message().contains(fact.name),
                        "{entrance}: {problem:?}"
                    );
                }
            }
        }
    }
}

/// The same condition through the owner reference of a child.
fn through(fact: &Fact, condition: &str) -> String {
    let mut text = String::new();
    let mut rest = condition;
    while let Some(at) = rest.find(fact.name) {
        text.push_str(&rest[..at]);
        text.push_str("User/");
        text.push_str(fact.name);
        rest = &rest[at + fact.name.len()..];
    }
    text + rest
}

#[test]
fn order_is_declared_or_refused() {
    let all = Databases::with_demo(120);
    for database in all.iter() {
        let rows = unfiltered(database);
        for fact in USERS {
            for direction in ["asc", "desc"] {
                let query = format!(
                    "Systems_Security_Users?$select=Id&$orderby={} {direction}",
                    fact.name
                );
                match (fact.order, database.get(&support::encode_query(&query))) {
                    (true, Ok(answer)) => {
                        let mut expected: Vec<_> = rows
                            .iter()
                            .map(|row| {
                                (
                                    held(fact, row),
                                    row[fact.name].to_string(),
                                    row["Id"].to_string(),
                                )
                            })
                            .collect();
                        expected.sort();
                        if direction == "desc" {
                            expected.sort_by(|x, y| {
                                (&y.0, &y.1).cmp(&(&x.0, &x.1)).then(x.2.cmp(&y.2))
                            });
                        }
                        let answer: Json = serde_json::from_str(&answer).unwrap();
                        let found: Vec<_> = answer["value"]
                            .as_array()
                            .unwrap()
                            .iter()
                            .map(|r| r["Id"].to_string())
                            .collect();
                        let expected: Vec<_> = expected.into_iter().map(|(_, _, id)| id).collect();
                        assert_eq!(found, expected, "{query} on {}", database.name());
                    }
                    (true, Err(problem)) => panic!("{query}: {problem:?}"),
                    (false, Ok(_)) => panic!("{query} was answered"),
                    (false, Err(problem)) => {
                        let expected = match fact.kind {
                            Kind::Secret => Code::AttributeNotReadable,
                            _ => Code::OrderNotDeclared,
                        };
                        assert_eq!(problem.code(), expected, "{query}: {problem:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn both_databases_give_the_same_bytes() {
    let all = Databases::with_demo(150);
    let Some((one, two)) = all.pair() else { return };
    for fact in USERS {
        for form in FORMS.iter().filter(|form| declared(fact, form)) {
            let rows = unfiltered(one);
            let values = samples(fact, &rows);
            let condition = spell(fact, form, &values[0], values.last().unwrap());
            let query = format!(
                "Systems_Security_Users?$count=true&$top=7&$orderby=Email%20desc,Login&$filter={}",
                support::encode(&condition)
            );
            let [one, two] =
                [one, two].map(|database| without_token(&database.get(&query).unwrap()));
            assert!(one == two, "{query}\n{one}\n{two}");
        }
    }
}

/// The answer without the sealed token of its next link: each database has a key of its own.
fn without_token(answer: &str) -> String {
    match answer.split_once("$skiptoken=") {
        Some((before, token)) => {
            let end = token.find('"').unwrap();
            format!("{before}$skiptoken=…{}", &token[end..])
        }
        None => answer.to_owned(),
    }
}
