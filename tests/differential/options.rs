//! Addresses and options drawn from the model.

use fastrand::Rng;
use userdex::model::Model;

use crate::casts;
use crate::stage::{NOTED, Stage};
use crate::support::evaluator::{Field, FieldKind, fields};
use crate::support::spelling::{Place, Speller};

/// What an address is of, which decides on the options that it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Of {
    Rows,
    Links,
    Count,
    Row,
    Value,
}

impl Of {
    const fn takes(self) -> &'static [&'static str] {
        match self {
            Self::Rows => &[
                "$filter", "$search", "$orderby", "$top", "$skip", "$count", "$select", "$expand",
                "$compute", "@f", "@g",
            ],
            Self::Links => &["$filter", "$search", "$orderby", "$top", "$skip", "$count"],
            Self::Count => &["$filter", "$search"],
            Self::Row => &["$select", "$expand", "$compute"],
            Self::Value => &[],
        }
    }

    /// Leaves out what it does not take, most often.
    pub(crate) fn keep(self, options: &mut Vec<(String, String)>, rng: &mut Rng) {
        let everywhere = ["$format", "$id", "$schemaversion", "@k", "options"];
        let takes = self.takes();
        options.retain(|(name, _)| {
            let name = name.as_str();
            takes.contains(&name)
                || everywhere.contains(&name)
                || name.starts_with("@a")
                || rng.u8(..60) == 0
        });
        // Without `$compute` there are no names.
        if !takes.contains(&"$compute") {
            options.retain(|(_, value)| !value.contains("N0_"));
        }
    }
}

/// An address that begins with a set, the set whose rows it is about, and what it is of.
pub(crate) fn path(stage: &Stage, set: &str, rng: &mut Rng) -> (String, String, Of) {
    let model: &Model = &stage.model;
    let entity = model.entity(model.set(set).unwrap());
    let id = rng.choice(stage.world.rows(set));
    let id = id.map_or_else(String::new, |row| row["Id"].as_str().unwrap().to_owned());
    let one = match rng.u8(..3) {
        0 => format!("{set}/{id}"),
        1 => format!("{set}(Id={id})"),
        _ => format!("{set}({id})"),
    };
    let here = set.to_owned();
    match rng.u8(..40) {
        0 | 1 => (format!("{set}/$count"), here, Of::Count),
        2 | 3 => (format!("{set}/$ref"), here, Of::Links),
        4 => (format!("{set}/Erp.{}", entity.type_name), here, Of::Rows),
        5 => {
            let id = model.set(set).unwrap();
            let derived = model
                .entities()
                .filter(|(other, _)| model.is_a(*other, id) || rng.u8(..40) == 0);
            let names = derived
                .map(|(_, e)| e.type_name.clone())
                .collect::<Vec<_>>();
            let name = rng.choice(names).unwrap();
            (format!("{set}/Erp.{name}"), here, Of::Rows)
        }
        6..=8 => (one, here, Of::Row),
        9 | 10 => {
            let attribute = rng.choice(&entity.attributes).unwrap();
            let rest = rng.choice(["", "/$value"]).unwrap();
            let whole = format!("{one}/{}{rest}", attribute.name);
            let part = if rng.bool() {
                casts::part(stage, set, &one, rng)
            } else {
                None
            };
            (part.unwrap_or(whole), here, Of::Value)
        }
        11..=16 => {
            let references = entity
                .references
                .iter()
                .map(|r| (&r.name, r.target, Of::Row));
            let collections = entity
                .collections
                .iter()
                .map(|c| (&c.name, c.target, Of::Rows));
            let all = references.chain(collections);
            match rng.choice(all.collect::<Vec<_>>()) {
                Some((name, target, of)) if model.entity(target).set != NOTED => {
                    let (rest, of) = match (rng.u8(..8), of) {
                        (0, Of::Rows) => ("/$ref", Of::Links),
                        (0, _) => ("/$ref", Of::Value),
                        (1, Of::Rows) => ("/$count", Of::Count),
                        (_, of) => ("", of),
                    };
                    let target = model.entity(target).set.clone();
                    (format!("{one}/{name}{rest}"), target, of)
                }
                Some(_) | None => (one, here, Of::Row),
            }
        }
        17 => (format!("{set}/$filter(@f)/$filter(@g)"), here, Of::Rows),
        18 => ("$entity".to_owned(), here, Of::Row),
        19 if rng.u8(..4) == 0 => (format!("{set}/$each"), here, Of::Rows),
        20 => casts::elsewhere(stage, set, rng),
        21 | 22 => casts::deep(stage, set, &one, rng),
        _ => (here.clone(), here, Of::Rows),
    }
}

/// The options that a set and what is expanded share.
pub(crate) fn draw(stage: &Stage, set: &str, rng: &mut Rng, depth: u8) -> Vec<(String, String)> {
    let (world, model) = (&stage.world, &stage.model);
    let fields = fields(model, model.set(set).unwrap());
    let mut options: Vec<(String, String)> = Vec::new();
    let mut give = |name: &str, value: String| options.push((name.to_owned(), value));
    let place = match depth {
        2 => Place::Alone,
        _ => Place::Expand,
    };
    let mut s = Speller::varied(rng.u64(..), place);
    let mut names = computed(&fields, rng);
    if rng.bool() {
        let filter = match rng.u8(..8) {
            0 => ill_typed(&fields, rng),
            1 if !names.is_empty() => {
                let operator = rng.choice(["eq", "ne", "gt"]).unwrap();
                let value = rng.choice(["'ann'", "2024", "null", "true", "1"]).unwrap();
                format!("N0_ {operator} {value}")
            }
            _ => match world.draw(model, set, rng, 2) {
                Some(condition) => condition.spell("", &mut s),
                None => "true".to_owned(),
            },
        };
        give("$filter", filter);
    } else if rng.u8(..3) > 0 {
        names.clear();
    }
    let made: Vec<String> = (0..names.len()).map(|n| format!("N{n}_")).collect();
    if !names.is_empty() {
        let items = names.iter().zip(&made);
        let items: Vec<String> = items
            .map(|(text, name)| format!("{text} as {name}"))
            .collect();
        give("$compute", items.join(","));
    }
    if rng.bool() {
        let open = fields
            .iter()
            .filter(|f| f.orderable || f.name == "Id" || rng.u8(..20) == 0);
        let open = open
            .map(|f| f.name.as_str())
            .collect::<Vec<_>>()
            .into_iter();
        // Few computed names may order.
        let made = if rng.u8(..8) == 0 { &made[..] } else { &[] };
        let all = open.chain(made.iter().map(String::as_str));
        let by = rng.choose_multiple(all, 2).into_iter();
        let by: Vec<String> = by
            .map(|name| format!("{name}{}", rng.choice(["", " asc", " desc"]).unwrap()))
            .collect();
        if !by.is_empty() {
            give("$orderby", by.join(","));
        }
    }
    if rng.u8(..3) > 0 {
        give("$top", rng.u8(..12).to_string());
    }
    if rng.u8(..4) == 0 {
        give("$skip", rng.u8(..8).to_string());
    }
    if rng.bool() {
        let names = fields.iter().map(|f| f.name.as_str());
        let mut names = rng.choose_multiple(names, 4);
        names.push(rng.choice(["DisplayText", "*", "default", "Id"]).unwrap());
        names.extend(made.first().map(String::as_str));
        give("$select", names.join(","));
    }
    if depth == 2 && rng.u8(..4) == 0 {
        give("@f", "Id ne null".to_owned());
        give("@g", ill_typed(&fields, rng));
    }
    if depth > 0 && rng.bool() {
        let expands = expands(stage, set, rng, depth);
        if !expands.is_empty() {
            give("$expand", expands.join(","));
        }
    }
    // What is expanded has aliases of its own.
    options.extend(s.given());
    options
}

fn expands(stage: &Stage, set: &str, rng: &mut Rng, depth: u8) -> Vec<String> {
    let model = &stage.model;
    let entity = model.entity(model.set(set).unwrap());
    let references = entity.references.iter().map(|r| (&r.name, r.target, false));
    let collections = entity.collections.iter().map(|c| (&c.name, c.target, true));
    let all = references.chain(collections);
    let all = all.filter(|(_, target, _)| model.entity(*target).set != NOTED);
    let chosen = rng.choose_multiple(all, 2).into_iter();
    let mut expands: Vec<String> = chosen
        .map(|(name, target, to_many)| {
            let target = model.entity(target).set.as_str();
            let mut inner = draw(stage, target, rng, depth - 1);
            if to_many && rng.u8(..4) == 0 {
                inner.push(("$count".to_owned(), "true".to_owned()));
            }
            if rng.u8(..30) == 0 {
                let levels = rng.choice(["1", "2", "max"]).unwrap();
                inner.push(("$levels".to_owned(), levels.to_owned()));
            }
            if to_many && rng.u8(..8) == 0 {
                inner.push(("$search".to_owned(), "a NOT \"ив\"".to_owned()));
            }
            let (suffix, of) = match (rng.u8(..8), to_many) {
                (0, true) => ("/$count", Of::Count),
                (0, false) => ("/$ref", Of::Value),
                (1, true) => ("/$ref", Of::Links),
                (_, true) => ("", Of::Rows),
                (_, false) => ("", Of::Row),
            };
            of.keep(&mut inner, rng);
            let inner: Vec<String> = inner.iter().map(|(n, v)| format!("{n}={v}")).collect();
            match inner.as_slice() {
                [] => format!("{name}{suffix}"),
                some => format!("{name}{suffix}({})", some.join(";")),
            }
        })
        .collect();
    if rng.u8(..20) == 0 {
        expands.push("*".to_owned());
    }
    expands
}

/// Up to two values computed from what may be asked about.
fn computed(fields: &[Field], rng: &mut Rng) -> Vec<String> {
    let number = if rng.u8(..3) == 0 { rng.usize(1..3) } else { 0 };
    let open = fields.iter().filter(|f| {
        let computes = !matches!(f.kind, FieldKind::Reference(_) | FieldKind::Binary);
        (f.filters.any() || f.orderable) && (computes || rng.u8(..30) == 0)
    });
    let open: Vec<&Field> = open.collect();
    let chosen = rng.choose_multiple(open, number).into_iter();
    let mut all: Vec<String> = chosen.map(|field| formula(field, rng)).collect();
    if number > 1 && rng.u8(..4) == 0 {
        all.push("concat(cast('x',Edm.String),'y')".to_owned());
    }
    all
}

/// A value computed from a property.
fn formula(field: &Field, rng: &mut Rng) -> String {
    let function = match &field.kind {
        FieldKind::Number => rng.choice([
            "A mul 3 sub 1",
            "A div 2",
            "A divby 4",
            "A mod 0",
            "-A",
            "floor(A)",
            "round(A divby 3)",
            "ceiling(A divby 2) add A",
            "A mul 9007199254740993",
        ]),
        FieldKind::Text { .. } => rng.choice([
            "A",
            "tolower(A)",
            "toupper(A)",
            "trim(A)",
            "length(A)",
            "concat(A,'é')",
            "substring(A,1,2)",
            "substring(A,30)",
            "indexof(A,'a')",
            "concat(concat(A,'-'),substring(A,1))",
            "length(trim(A)) mul 2",
        ]),
        FieldKind::Languages => rng.choice(["A/EN", "length(A/BG)", "toupper(A/EN)", "A/DE"]),
        FieldKind::Time => rng.choice([
            "A",
            "year(A)",
            "month(A)",
            "day(A)",
            "hour(A) add minute(A)",
            "second(A)",
            "date(A)",
            "time(A)",
            "A add duration'P1DT1H'",
            "fractionalseconds(A)",
            "A sub 2020-01-01T00:00:00Z",
            "totalseconds(A sub 2020-01-01T00:00:00Z)",
        ]),
        FieldKind::Boolean | FieldKind::Guid | FieldKind::Enumeration(..) => Some("A"),
        // Keys are computed with, addresses are not.
        FieldKind::Reference(_) => rng.choice(["A/Id", "A/Id", "A/Id", "A"]),
        FieldKind::Binary => Some("A"),
        FieldKind::Custom => rng.choice(["A", "length(A)", "toupper(A)"]),
    };
    function.unwrap().replace('A', &field.name)
}

/// A condition that is probably refused.
pub(crate) fn ill_typed(fields: &[Field], rng: &mut Rng) -> String {
    let name = &rng.choice(fields).unwrap().name;
    let values = [
        "'x'",
        "1",
        "null",
        "true",
        "2024-01-01",
        "duration'P1D'",
        "1.5",
        "INF",
        "Login",
        "{}",
        "[]",
        "@undefined",
        "-9223372036854775808",
        "9223372036854775808",
        "$it",
        "$root/Systems_Security_Users",
        "now()",
        "binary'AAAA'",
        "geography'SRID=0;Point(1 2)'",
    ];
    let value = rng.choice(values).unwrap();
    match rng.u8(..16) {
        0 => format!("contains({name},{value})"),
        1 => format!("{name} in ({value},'y')"),
        2 => format!("length({name}) gt {value}"),
        3 => format!("{name} add 1 eq {value}"),
        4 => format!("not {name}"),
        5 => format!("{name}/any(x:x/Id eq {value})"),
        6 => format!("case({name} eq {value}:{name},true:null) eq {value}"),
        7 => format!("$it/{name} eq {value}"),
        8 => format!("$this/{name} ne {value}"),
        9 => format!("matchespattern({name},{value})"),
        10 => format!("{value} mod 0 eq 1 or {name} eq {value}"),
        11 => format!("({name} eq {value}) eq null"),
        12 => format!("isof({name},Edm.String) and cast({name},Edm.String) eq {value}"),
        _ => {
            let operator = rng.choice(["eq", "gt", "le", "has", "ne"]).unwrap();
            format!("{name} {operator} {value}")
        }
    }
}
