//! The table itself: bound for every caller, and asked over HTTP of both databases for some.

use userdex::diag::Code;
use userdex::service::RequestHead;
use userdex::value::{Language, Timestamp};

use crate::callers::{Kind, kinds};
use crate::entrances::{Asked, Question};
use crate::office::{Office, on_each_office};
use crate::support::encode_query;
use crate::support::forms::properties;
use crate::support::http::Request;
use crate::support::server::ODATA;
use crate::support::service::ROOT;

/// One question of so many is asked over HTTP too.
const OF: usize = 97;

#[test]
fn a_form_is_answered_exactly_when_declared_and_readable() {
    on_each_office(|office| {
        let kinds = kinds(office);
        let model = office.world.model.clone();
        let (mut number, mut answered, mut refused) = (0_usize, 0_usize, 0_usize);
        for kind in &kinds {
            for (entity, of) in model.entities() {
                for property in &properties(&model, of) {
                    let asked = Asked {
                        model: &model,
                        kind,
                        entity,
                        property,
                    };
                    for question in asked.questions() {
                        number += 1;
                        // Binding knows no database.
                        if office.world.name == "SQLite" {
                            bound(office, kind, &question);
                        }
                        if number % OF == 0 {
                            sent(office, kind, &question);
                        }
                        *(match question.refusal {
                            None => &mut answered,
                            Some(_) => &mut refused,
                        }) += 1;
                    }
                }
            }
        }
        assert!(
            answered > 20_000 && refused > 100_000,
            "{answered} answered, {refused} refused"
        );
    });
}

/// Sees that a question is bound or refused as it should be.
fn bound(office: &Office<'_>, kind: &Kind, question: &Question) {
    let encoded = encode_query(&question.address);
    let now = Timestamp::parse("2026-11-26T12:00:00Z").unwrap();
    let prepared = office.world.service.prepare(&RequestHead {
        root: ROOT,
        ..RequestHead::at(&encoded, &Language::default(), &kind.caller, now)
    });
    let found = prepared.err().map(|problem| problem.code());
    let Question { address, refusal } = question;
    assert_eq!(found, *refusal, "{}: {address}", kind.name);
}

/// Sees that a question is answered by the database, or refused, as it should be.
fn sent(office: &Office<'_>, kind: &Kind, question: &Question) {
    let target = format!("{ODATA}{}", encode_query(&question.address));
    let host = office.world.host().parse().unwrap();
    let request = Request::new(host, "GET", &target).anonymous();
    let answer = request.header("Authorization", &kind.session).send();
    let Question { address, refusal } = question;
    let about = format!("{}: {}: {address} {answer}", office.world.name, kind.name);
    match refusal {
        // An object that is not there has no children.
        None => assert!(matches!(answer.status, 200 | 204 | 404), "{about}"),
        Some(code) => {
            assert_eq!(answer.status, code.status(), "{about}");
            assert_eq!(answer.json()["error"]["code"], code.word(), "{about}");
            assert_ne!(*code, Code::Internal, "{about}");
        }
    }
}
