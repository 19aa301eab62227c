//! Every attribute and reference of every entity × every form of filter: declared forms are
//! answered by both databases, every other form is refused. Derived from the model; the table of
//! Users is written out in `users_forms.rs`; what other
//! callers are answered is in `tests/forms/`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests"
)]

mod support;

use support::Databases;
use support::forms::{FORMS, properties, spell};
use userdex::diag::Code;
use userdex::model::Model;

#[test]
fn declared_forms_are_answered_and_no_others() {
    let all = Databases::with_demo(30);
    let (mut answered, mut refused) = (0, 0);
    let model = Model::shipped().unwrap();
    for (_, entity) in model.entities() {
        for property in properties(&model, entity) {
            for (form, declared) in FORMS {
                let condition = spell(form, "", &property);
                let address = format!(
                    "{}?$top=3&$filter={}",
                    entity.set,
                    support::encode(&condition)
                );
                let place = format!("{}?$filter={condition}", entity.set);
                if declared(property.filters) && !property.secret {
                    for database in all.iter() {
                        let answer = database.get(&address);
                        answer.unwrap_or_else(|p| {
                            panic!("{place} on {}: {p:?} {:?}", database.name(), p.log_text())
                        });
                    }
                    answered += 1;
                    continue;
                }
                let expected = match property.secret {
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
