//! Every attribute and reference of every entity × every form of filter: declared forms are
//! answered by both databases, every other form is refused. Derived from the model; the table of
//! Users is written out in `users_forms.rs`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests"
)]

mod support;

use support::Databases;
use userdex::diag::Code;
use userdex::model::{Entity, Filters, Model};
use userdex::value::Kind;

/// A property: its name, a literal of its type, its declarations, whether it is closed.
struct Property {
    name: String,
    literal: String,
    filters: Filters,
    closed: bool,
}

/// A form of condition (`A` the property, `V` a value), and which declaration opens it.
type Form = (&'static str, fn(Filters) -> bool);

const FORMS: &[Form] = &[
    ("A eq V", |f| f.eq),
    ("A ne V", |f| f.eq),
    ("not (A eq V)", |f| f.eq),
    ("A eq null", |f| f.eq),
    ("V eq A", |f| f.eq),
    ("equalnull(A,V)", |f| f.eq),
    ("A in (V)", |f| f.multi),
    ("not (A in (V,null))", |f| f.multi),
    ("A ge V", Filters::range),
    ("A gt V", Filters::range),
    ("A le V", Filters::range),
    ("A lt V", Filters::range),
    ("greaterequalnull(A,V)", Filters::range),
    ("contains(A,'x')", |f| f.like),
    ("startswith(A,'x')", |f| f.like),
    ("not endswith(A,'x')", |f| f.like),
    ("A has V", |_| false),
    ("length(A) gt 3", |_| false),
    ("concat(A,'x') eq 'x'", |_| false),
    ("A add 1 eq 2", |_| false),
];

const KEY: &str = "9da64839-a8d0-491d-aebb-4d18fa42b014";

fn properties(model: &Model, entity: &Entity) -> Vec<Property> {
    let attributes = entity.attributes.iter().map(|a| Property {
        name: a.name.clone(),
        literal: match a.kind {
            Kind::Guid => KEY.to_owned(),
            Kind::String | Kind::Multilanguage => "'x'".to_owned(),
            Kind::Boolean => "true".to_owned(),
            Kind::Byte | Kind::Int16 | Kind::Int32 | Kind::Int64 => "1".to_owned(),
            Kind::DateTimeOffset => "2024-01-01T00:00:00Z".to_owned(),
            Kind::Binary => "binary'AAAA'".to_owned(),
            Kind::Enumeration => {
                let members = &model.enumeration(a.enumeration.unwrap()).members;
                format!("'{}'", members[0].name)
            }
        },
        filters: a.filters,
        closed: a.secret,
    });
    let references = entity.references.iter().map(|r| Property {
        name: r.name.clone(),
        literal: format!("'{}({KEY})'", model.entity(r.target).set),
        filters: r.filters,
        closed: false,
    });
    attributes.chain(references).collect()
}

fn spell(form: &str, property: &Property) -> String {
    let words = form.split_inclusive([' ', '(', ',', ')']);
    let spelled = words.map(|word| {
        let bare = word.trim_end_matches([' ', '(', ',', ')']);
        match bare {
            "A" => word.replacen('A', &property.name, 1),
            "V" => word.replacen('V', &property.literal, 1),
            _ => word.to_owned(),
        }
    });
    spelled.collect()
}

#[test]
fn declared_forms_are_answered_and_no_others() {
    let all = Databases::with_demo(30);
    let (mut answered, mut refused) = (0, 0);
    let model = Model::shipped().unwrap();
    for (_, entity) in model.entities() {
        for property in properties(&model, entity) {
            for (form, declared) in FORMS {
                let condition = spell(form, &property);
                let address = format!(
                    "{}?$top=3&$filter={}",
                    entity.set,
                    support::encode(&condition)
                );
                let place = format!("{}?$filter={condition}", entity.set);
                if declared(property.filters) && !property.closed {
                    for database in all.iter() {
                        let answer = database.get(&address);
                        answer.unwrap_or_else(|p| {
                            panic!("{place} on {}: {p:?} {:?}", database.name(), p.log_text())
                        });
                    }
                    answered += 1;
                    continue;
                }
                let expected = match property.closed {
                    true => Code::AttributeNotReadable,
                    false => Code::FilterNotDeclared,
                };
                let problem = match all.iter().next().unwrap().read(&address) {
                    Ok(_) => panic!("{place} was accepted"),
                    Err(problem) => problem,
                };
                assert_eq!(problem.code(), expected, "{place}: {problem:?}");
                assert!(
                    problem.message().contains(&property.name),
                    "{place}: {problem:?}"
                );
                refused += 1;
            }
        }
    }
    assert!(
        answered > 1000 && refused > 5000,
        "{answered} answered, {refused} refused"
    );
}
