//! Conditions on the users, each with what it means in memory.

use userdex::model::Model;
use userdex::plan::{CompareOperator, MatchKind, Predicate, Term};
use userdex::value::{Timestamp, Value, fold};
use uuid::Uuid;

use super::users::{User, column, term, users};

/// A condition and what it means.
pub type Case = (&'static str, Predicate, Box<dyn Fn(&User) -> bool>);

pub fn compare(term: Term, operator: CompareOperator, value: Value, or_null: bool) -> Predicate {
    Predicate::Compare {
        term,
        operator,
        value,
        or_null,
    }
}

pub fn one_of(term: Term, values: Vec<Value>, negated: bool) -> Predicate {
    Predicate::OneOf {
        term,
        values,
        negated,
        or_null: negated,
    }
}

pub fn matches(term: Term, kind: MatchKind, needle: &str, negated: bool) -> Predicate {
    Predicate::Match {
        term,
        kind,
        needle: needle.to_owned(),
        negated,
        or_null: false,
    }
}

/// What a language's text is in a name.
fn in_language(user: &User, key: &str) -> Option<String> {
    let found = user.name.iter().find(|(k, _)| *k == key);
    found.map(|(_, text)| fold(text))
}

pub fn cases(model: &Model) -> Vec<Case> {
    use CompareOperator::{Eq, Ge, Gt, Le, Lt, Ne};
    let t = |name: &str| term(model, name);
    let text = |t: &str| Value::Text(t.to_owned());
    let time = |days: i64| Timestamp::from_micros(days * 86_400_000_000 + 123_000);
    let name_in = |key: &str| Term::Language {
        shadow: column(model, "User_Name_folded"),
        key: key.to_owned(),
    };
    let guids: Vec<Value> = users()
        .iter()
        .step_by(5)
        .map(|u| Value::Guid(u.id))
        .collect();
    let among = guids.clone();
    let mut cases: Vec<Case> = vec![
        ("always", Predicate::Always, Box::new(|_| true)),
        ("never", Predicate::Never, Box::new(|_| false)),
        ("any of none", Predicate::Any(vec![]), Box::new(|_| false)),
        ("all of none", Predicate::All(vec![]), Box::new(|_| true)),
        (
            "boolean",
            compare(t("Active"), Eq, Value::Boolean(true), false),
            Box::new(|u| u.active),
        ),
        (
            "code",
            compare(t("User_Type"), Ne, text("INT"), true),
            Box::new(|u| u.kind != "INT"),
        ),
        (
            "negative",
            compare(t("Access_Failed_Count"), Lt, Value::Integer(0), false),
            Box::new(|u| u.failed < 0),
        ),
        (
            "time",
            compare(
                t("Creation_Time_Utc"),
                Ge,
                Value::Timestamp(time(-1)),
                false,
            ),
            Box::new(move |u| u.created >= time(-1)),
        ),
        (
            "time below",
            compare(
                t("Creation_Time_Utc"),
                Le,
                Value::Timestamp(time(-1)),
                false,
            ),
            Box::new(move |u| u.created <= time(-1)),
        ),
        (
            "null is not greater",
            compare(t("Lockout_End_Utc"), Gt, Value::Timestamp(time(1)), false),
            Box::new(move |u| u.locked_until.is_some_and(|l| l > time(1))),
        ),
        (
            "or null",
            compare(t("Lockout_End_Utc"), Gt, Value::Timestamp(time(1)), true),
            Box::new(move |u| u.locked_until.is_none_or(|l| l > time(1))),
        ),
        (
            "not equal is true for null",
            compare(t("Email_folded"), Ne, text("1@example.com"), true),
            Box::new(|u| u.email.as_deref() != Some("1@Example.com")),
        ),
        (
            "null",
            Predicate::Null {
                term: t("Email"),
                negated: false,
            },
            Box::new(|u| u.email.is_none()),
        ),
        (
            "not null",
            Predicate::Null {
                term: t("Email"),
                negated: true,
            },
            Box::new(|u| u.email.is_some()),
        ),
        (
            "guids",
            one_of(t("User_Id"), guids.clone(), false),
            Box::new(move |u| guids.contains(&Value::Guid(u.id))),
        ),
        (
            "no guids",
            one_of(t("User_Id"), among.clone(), true),
            Box::new(move |u| !among.contains(&Value::Guid(u.id))),
        ),
        (
            "texts",
            one_of(
                t("Email_folded"),
                vec![text("1@example.com"), text("2@example.com")],
                false,
            ),
            Box::new(|u| matches!(u.email.as_deref(), Some("1@Example.com" | "2@Example.com"))),
        ),
        (
            "not texts",
            one_of(t("Email_folded"), vec![text("1@example.com")], true),
            Box::new(|u| u.email.as_deref() != Some("1@Example.com")),
        ),
        (
            "quoted texts",
            one_of(
                t("Login"),
                vec![
                    text("\"double\" 2"),
                    text("quote'd 1"),
                    text("back\\slash 1"),
                ],
                false,
            ),
            Box::new(|u| {
                ["\"double\" 2", "quote'd 1", "back\\slash 1"].contains(&u.login.as_str())
            }),
        ),
        (
            "codes",
            one_of(t("User_Type"), vec![text("INT"), text("EXT")], false),
            Box::new(|u| u.kind != "SYS"),
        ),
        (
            "numbers",
            one_of(
                t("Access_Failed_Count"),
                vec![Value::Integer(-1), Value::Integer(3)],
                false,
            ),
            Box::new(|u| [-1, 3].contains(&u.failed)),
        ),
        (
            "booleans",
            one_of(t("Active"), vec![Value::Boolean(false)], false),
            Box::new(|u| !u.active),
        ),
        (
            "times",
            one_of(
                t("Creation_Time_Utc"),
                vec![Value::Timestamp(time(0)), Value::Timestamp(time(2))],
                false,
            ),
            Box::new(move |u| [time(0), time(2)].contains(&u.created)),
        ),
        (
            "reference",
            one_of(t("Domain_Id"), vec![Value::Guid(Uuid::from_u128(2))], true),
            Box::new(|u| u.domain != Some(Uuid::from_u128(2))),
        ),
        (
            "trimmed",
            compare(
                Term::Trimmed(Box::new(t("Notes"))),
                Eq,
                text("50% off"),
                false,
            ),
            Box::new(|u| u.notes.as_deref().is_some_and(|n| n.trim() == "50% off")),
        ),
        (
            "language",
            compare(name_in("EN"), Eq, text("second"), false),
            Box::new(|u| in_language(u, "EN").as_deref() == Some("second")),
        ),
        (
            "empty in a language",
            compare(name_in("EN"), Eq, text(""), false),
            Box::new(|u| in_language(u, "EN").as_deref() == Some("")),
        ),
        (
            "no such language",
            Predicate::Null {
                term: name_in("BG"),
                negated: false,
            },
            Box::new(|u| in_language(u, "BG").is_none()),
        ),
    ];
    for needle in [
        "",
        "a",
        "%",
        "_",
        "\\",
        "'",
        "\"",
        "0",
        "ss",
        "ИВАН",
        "иван",
        "😀",
        "\u{10ffff}",
        "top 3",
        "e@e",
    ] {
        for negated in [false, true] {
            let (login, mail) = (t("Login_folded"), t("Email_folded"));
            cases.push((
                "contains",
                matches(login.clone(), MatchKind::Contains, needle, negated),
                Box::new(move |u| fold(&u.login).contains(needle) != negated),
            ));
            cases.push((
                "starts",
                matches(login.clone(), MatchKind::StartsWith, needle, negated),
                Box::new(move |u| fold(&u.login).starts_with(needle) != negated),
            ));
            cases.push((
                "ends",
                matches(login, MatchKind::EndsWith, needle, negated),
                Box::new(move |u| fold(&u.login).ends_with(needle) != negated),
            ));
            cases.push((
                "contains, null",
                matches(mail, MatchKind::Contains, needle, negated),
                Box::new(move |u| {
                    u.email
                        .as_ref()
                        .is_some_and(|e| fold(e).contains(needle) != negated)
                }),
            ));
        }
    }
    cases
}
