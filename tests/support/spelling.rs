//! The text of conditions: plain, or in one of the many ways that mean the same.

use fastrand::Rng;

use super::evaluator::{Asked, Case, Condition, Field, FieldKind, Form, Lambda, Test};
use super::field::quoted;

/// Where a condition is written, which decides on what may stand there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Place {
    /// `$filter`, with `$compute` beside it.
    #[default]
    Option,
    /// `$filter` of what is expanded, with `$compute` beside it.
    Expand,
    /// Where nothing is computed beside it.
    Alone,
    /// A segment of the path.
    Segment,
}

/// How a condition is written.
#[derive(Debug, Default)]
pub struct Speller {
    rng: Option<Rng>,
    place: Place,
    /// Lambdas around what is written.
    lambdas: u8,
    /// Numbers of children around it: bare names are those of the children.
    counts: u8,
    /// The values of the aliases `@a0`, `@a1`, …
    pub aliases: Vec<String>,
    /// The expressions of the names `C0_`, `C1_`, …
    pub computed: Vec<String>,
}

impl Speller {
    /// A speller that varies, the same for a seed.
    pub fn varied(seed: u64, place: Place) -> Self {
        Self {
            rng: Some(Rng::with_seed(seed)),
            place,
            ..Self::default()
        }
    }

    /// The same speller for another place.
    pub fn at(&mut self, place: Place) -> &mut Self {
        self.place = place;
        self
    }

    /// A number below `of`; 0 in plain texts.
    fn pick(&mut self, of: u8) -> u8 {
        self.rng.as_mut().map_or(0, |rng| rng.u8(..of))
    }

    /// Once in `of` times; never in plain texts.
    fn once_in(&mut self, of: u8) -> bool {
        self.pick(of) + 1 == of
    }

    /// An expression, or an alias for it.
    fn aliased(&mut self, text: String) -> String {
        if self.once_in(8) {
            self.alias(text)
        } else {
            text
        }
    }

    /// An alias for an expression.
    pub fn alias(&mut self, text: String) -> String {
        self.aliases.push(text);
        format!("@a{}", self.aliases.len() - 1)
    }

    /// An expression of the row of the query, or a computed name for it.
    fn named(&mut self, path: &str, field: &Field, text: String) -> String {
        let has_values = !matches!(
            field.kind,
            FieldKind::Languages | FieldKind::Reference(_) | FieldKind::Custom
        );
        let is_offered = has_values && !text.starts_with("cast(");
        let computes = matches!(self.place, Place::Option | Place::Expand);
        let is_elsewhere = !path.is_empty() || self.counts > 0;
        if is_elsewhere || !computes || !is_offered || self.pick(4) != 1 {
            return text;
        }
        self.computed.push(text);
        format!("C{}_", self.computed.len() - 1)
    }

    /// The aliases, as options of the request.
    pub fn given(&self) -> Vec<(String, String)> {
        let aliases = self.aliases.iter().enumerate();
        aliases
            .map(|(n, text)| (format!("@a{n}"), text.clone()))
            .collect()
    }

    /// `$compute` for the names that were computed since `before`.
    pub fn compute(&self, before: usize) -> Option<String> {
        let computed = self.computed.iter().enumerate().skip(before);
        let computed: Vec<String> = computed
            .map(|(n, text)| format!("{text} as C{n}_"))
            .collect();
        (!computed.is_empty()).then(|| computed.join(","))
    }
}

impl Speller {
    /// What a lambda with a variable says.
    fn inside(&mut self, inner: &Condition, variable: &str) -> String {
        self.lambdas += 1;
        let inner = inner.spell(&format!("{variable}/"), self);
        self.lambdas -= 1;
        inner
    }
}

impl std::fmt::Display for Condition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.spell("", &mut Speller::default()))
    }
}

impl Condition {
    /// Its text, where names of the row at hand begin with `path`.
    pub fn spell(&self, path: &str, s: &mut Speller) -> String {
        match self {
            Self::Not(inner) => format!("not ({})", inner.spell(path, s)),
            Self::And(a, b) => format!("({}) and ({})", a.spell(path, s), b.spell(path, s)),
            Self::Or(a, b) => {
                let (a, b) = (a.spell(path, s), b.spell(path, s));
                let text = format!("({a}) or ({b})");
                // Aliases know no variables.
                match path.is_empty() && s.counts == 0 {
                    true => s.aliased(text),
                    false => text,
                }
            }
            Self::Test(test) if path.is_empty() && s.counts == 0 => {
                match (s.pick(14), s.place, s.lambdas) {
                    // One statement reads the children of all rows: `$it` is not offered there.
                    (1, Place::Option | Place::Alone | Place::Segment, _) => test.spell("$it/", s),
                    (2, _, 0) => test.spell("$this/", s),
                    (_, _, _) => test.spell("", s),
                }
            }
            Self::Test(test) => test.spell(path, s),
            Self::It(inner) => inner.spell("", s),
            Self::Lambda(lambda) => lambda.spell(path, s),
            Self::Case(case) => case.spell(path, s),
            Self::Truth(inner, equal, constant) => {
                let operator = if *equal { "eq" } else { "ne" };
                let constant = constant.map_or("null".to_owned(), |c| c.to_string());
                format!("({}) {operator} {constant}", inner.spell(path, s))
            }
            Self::IsOf(_, name) if path.is_empty() => format!("isof(Erp.{name})"),
            Self::IsOf(_, name) => format!("isof({},Erp.{name})", path.trim_end_matches('/')),
            Self::Constant(text, _) => (*text).to_owned(),
        }
    }
}

impl Lambda {
    fn spell(&self, path: &str, s: &mut Speller) -> String {
        let name = &self.collection;
        match (&self.asked, &self.inner) {
            (
                Asked::Count {
                    operator,
                    number,
                    before,
                },
                inner,
            ) => {
                s.counts += 1;
                let inner = inner.as_ref().map(|inner| inner.spell("", s));
                s.counts -= 1;
                let search = self
                    .search
                    .as_ref()
                    .map(|search| format!("$search={search}"));
                let counted = match (inner, before) {
                    (Some(inner), true) => format!("{path}{name}/$filter({inner})/$count"),
                    (inner, _) => {
                        let filter = inner.map(|inner| format!("$filter={inner}"));
                        let options: Vec<String> = filter.into_iter().chain(search).collect();
                        match options.is_empty() {
                            true => format!("{path}{name}/$count"),
                            false => format!("{path}{name}/$count({})", options.join(";")),
                        }
                    }
                };
                match (*operator, s.pick(6)) {
                    // There are never less than none.
                    ("eq", 1) => format!("{counted} in ({number},-7)"),
                    ("ne", 1) => format!("not ({counted} in ({number}))"),
                    (operator, _) => turned(&counted, operator, &number.to_string(), s),
                }
            }
            (Asked::Any(_) | Asked::All(_), None) => match s.pick(4) {
                1 => format!("{path}{name}/$count gt 0"),
                2 => format!("1 le {path}{name}/$count"),
                3 => format!("{path}{name}/$count ne 0"),
                _ => format!("{path}{name}/any()"),
            },
            (Asked::Any(variable), Some(inner)) => {
                let narrowed = self.narrowed(s);
                let inner = s.inside(inner, variable);
                format!("{path}{name}{narrowed}/any({variable}:{inner})")
            }
            (Asked::All(variable), Some(inner)) => {
                let narrowed = self.narrowed(s);
                let inner = s.inside(inner, variable);
                format!("{path}{name}{narrowed}/all({variable}:{inner})")
            }
        }
    }
}

impl Lambda {
    /// `/$filter(…)` before a lambda: names in it are those of the children.
    fn narrowed(&self, s: &mut Speller) -> String {
        let Some(condition) = &self.narrowed else {
            return String::new();
        };
        s.counts += 1;
        let text = condition.spell("", s);
        s.counts -= 1;
        format!("/$filter({text})")
    }
}

impl Case {
    fn spell(&self, path: &str, s: &mut Speller) -> String {
        let when = self.when.spell(path, s);
        let (first, second) = (&self.first.name, &self.second.name);
        let value = s.aliased(self.second.literal(&self.value));
        let operator = self.operator;
        format!("case({when}:{path}{first},true:{path}{second}) {operator} {value}")
    }
}

impl Test {
    fn spell(&self, path: &str, s: &mut Speller) -> String {
        let field = &self.field;
        let name = match &self.via {
            Some((via, _)) => format!("{path}{via}/{}", field.name),
            None => format!("{path}{}", field.name),
        };
        match &self.form {
            Form::Compare(operator, Some(value)) => {
                let (mut side, value) = field.sides(name, value, s);
                side = s.named(path, field, side);
                let value = s.aliased(value);
                turned(&side, operator, &value, s)
            }
            Form::Compare(operator, None) => match (&field.target, s.pick(4)) {
                // What a reference leads to is of its type, or there is nothing.
                (Some(target), 1) if *operator == "ne" => format!("isof({name},Erp.{target})"),
                (Some(target), 1) if *operator == "eq" => {
                    format!("isof({name},Erp.{target}) eq false")
                }
                (_, _) => turned(&name, operator, "null", s),
            },
            Form::In(values) => {
                let literal = |value: &Option<String>| match value {
                    Some(value) => field.literal(value),
                    None => "null".to_owned(),
                };
                let list: Vec<String> = values.iter().map(literal).collect();
                match s.pick(8) {
                    1 => {
                        let list = s.alias(field.json(values));
                        format!("{name} in {list}")
                    }
                    2 => format!("{name} in {}", field.json(values)),
                    _ => format!("{name} in ({})", list.join(",")),
                }
            }
            Form::OrNull(operator, value) => {
                let function = match *operator {
                    "eq" => "equalnull",
                    "ge" => "greaterequalnull",
                    _ => "lessequalnull",
                };
                let value = s.aliased(field.literal(value));
                format!("{function}({name},{value})")
            }
            Form::Match(function, needle) => {
                let name = s.named(path, field, name);
                let needle = s.aliased(quoted(needle));
                format!("{function}({name},{needle})")
            }
            Form::Bare => s.named(path, field, name),
            Form::Part(function, operator, value) => {
                let side = s.named(path, field, format!("{function}({name})"));
                let value = match (*function, s.pick(4)) {
                    ("date", 1) => format!("date({value}T10:00:00Z)"),
                    ("date", 2) => format!("cast('{value}',Edm.Date)"),
                    ("date", _) => value.clone(),
                    (_, 1) => format!("year({value}-05-06)"),
                    // Years are numbers: no noughts in front.
                    (_, _) => value.trim_start_matches('0').to_owned(),
                };
                if *operator == "eq" && s.pick(3) == 1 {
                    return format!("{side} in ({value},{value})");
                }
                turned(&side, operator, &value, s)
            }
            Form::IndexOf(operator, number, needle) => {
                let side = format!("indexof({name},{})", quoted(needle));
                turned(&side, operator, &number.to_string(), s)
            }
            Form::Trimmed(operator, value) => {
                let side = s.named(path, field, format!("trim({name})"));
                turned(&side, operator, &quoted(value), s)
            }
        }
    }
}

/// A comparison, perhaps from the other side.
fn turned(left: &str, operator: &str, right: &str, s: &mut Speller) -> String {
    if !s.once_in(5) {
        return format!("{left} {operator} {right}");
    }
    let operator = match operator {
        "ge" => "le",
        "gt" => "lt",
        "le" => "ge",
        "lt" => "gt",
        same => same,
    };
    format!("{right} {operator} {left}")
}

impl Field {
    /// The side of the property, and the side of the value, of a comparison.
    fn sides(&self, name: String, value: &str, s: &mut Speller) -> (String, String) {
        match (&self.kind, s.pick(6)) {
            (FieldKind::Text { folded: true }, 1) => {
                (format!("tolower({name})"), quoted(&value.to_lowercase()))
            }
            (FieldKind::Text { folded: true }, 2) => {
                (format!("toupper({name})"), quoted(&value.to_uppercase()))
            }
            (FieldKind::Reference(_), 1) => (format!("{name}/Id"), value.to_owned()),
            (FieldKind::Reference(set), 2) => (name, format!("$root/{set}({value})")),
            // A `/` in a text of a path would have to be encoded.
            (FieldKind::Reference(set), 3) if s.place != Place::Segment => {
                let root = super::service::ROOT;
                (name, quoted(&format!("{root}{set}({value})")))
            }
            (FieldKind::Reference(set), 4) => {
                (format!("{name}/Id"), format!("$root/{set}({value})/Id"))
            }
            (FieldKind::Enumeration(of, _), 1) => (name, format!("Erp.{of}{}", quoted(value))),
            (FieldKind::Number | FieldKind::Boolean | FieldKind::Time | FieldKind::Guid, 1) => {
                let cast = format!("cast({name},{})", self.edm);
                (cast, self.expression(value, s))
            }
            (_, _) => (name, self.expression(value, s)),
        }
    }

    /// The literal of a value, or an expression that is computed to it.
    fn expression(&self, value: &str, s: &mut Speller) -> String {
        let literal = self.literal(value);
        let way = match &s.rng {
            Some(_) => s.pick(10),
            None => u8::try_from(value.chars().count() % 4).unwrap(),
        };
        match (&self.kind, way) {
            (FieldKind::Text { .. } | FieldKind::Languages, 2) if !value.is_empty() => {
                let (first, rest) = value.split_at(value.chars().next().unwrap().len_utf8());
                format!("concat({},{})", quoted(first), quoted(rest))
            }
            (FieldKind::Text { .. } | FieldKind::Languages, 3) => {
                format!("substring({},2)", quoted(&format!("ж'{value}")))
            }
            (FieldKind::Text { .. } | FieldKind::Languages, 4) => {
                let length = value.chars().count();
                format!("substring({},1,{length})", quoted(&format!("ж{value}x")))
            }
            (FieldKind::Text { .. } | FieldKind::Languages, 5) if value == value.trim() => {
                format!("trim({})", quoted(&format!(" \t{value} ")))
            }
            (FieldKind::Text { .. }, 6) => format!("cast({literal},Edm.String)"),
            (FieldKind::Number, way) => number(value, way),
            (FieldKind::Boolean, 0) => format!("case(1 eq 2:null,true:{literal})"),
            (FieldKind::Boolean, 1) => format!("cast('{value}',Edm.Boolean)"),
            (FieldKind::Time, 0..=6) if value.ends_with("00Z") => {
                format!("{literal} add duration'PT1H' sub duration'PT1H'")
            }
            (FieldKind::Time, 7) => format!("cast('{value}',Edm.DateTimeOffset)"),
            (FieldKind::Guid, 7) => format!("cast('{value}',Edm.Guid)"),
            (_, 8) => format!("case(false:null,true:{literal})"),
            (_, 9) => format!("case(contains('b','a'):null,not false:{literal})"),
            (_, _) => literal,
        }
    }

    /// Values as an array of JSON.
    fn json(&self, values: &[Option<String>]) -> String {
        let one = |value: &Option<String>| match (value, &self.kind) {
            (None, _) => "null".to_owned(),
            (Some(value), FieldKind::Number | FieldKind::Boolean) => value.clone(),
            (Some(value), FieldKind::Reference(set)) => {
                serde_json::to_string(&format!("{set}({value})")).unwrap()
            }
            (Some(value), _) => serde_json::to_string(value).unwrap(),
        };
        let values: Vec<String> = values.iter().map(one).collect();
        format!("[{}]", values.join(","))
    }
}

/// A number, or an expression that is computed to it.
fn number(value: &str, way: u8) -> String {
    // A number with a fraction stands as it is.
    let Ok(parsed) = value.parse::<i64>() else {
        return value.to_owned();
    };
    let is_small = parsed.unsigned_abs() < 1_000_000_000;
    match way {
        1 if is_small => format!("{value} add 2 sub 2"),
        2 => format!("cast('{value}',Edm.Int64)"),
        4 if is_small => format!("{value} mul 3 div 3"),
        5 if is_small => format!("floor({value}.25)"),
        6 if (0..9).contains(&parsed) => {
            let length = usize::try_from(parsed).unwrap();
            format!("length('{}')", "ж".repeat(length))
        }
        7 if (1..9).contains(&parsed) => format!("day(2024-02-0{value})"),
        8 if is_small => format!("-(0 sub {value})"),
        9 => format!("case(false:null,true:{value})"),
        _ => value.to_owned(),
    }
}
