//! Who may begin transactions when many are open.

use serde_json::json;

use crate::support::person::Person;
use crate::support::server::{Kind, Server, settings};

crate::on_both!(half_of_the_places_are_for_those_who_have_none);

fn begin(server: &Server, caller: &Person) -> u16 {
    let begin = server.post("BeginTransaction", &json!({}));
    caller.asks(begin).send_to_full().status
}

fn half_of_the_places_are_for_those_who_have_none(kind: Kind) {
    let mut settings = settings();
    settings.transactions.max = 4;
    let server = kind.server_with(settings);
    let (ann, bob, eve) = (
        Person::new(&server, "ann"),
        Person::new(&server, "bob"),
        Person::new(&server, "eve"),
    );
    assert_eq!(begin(&server, &ann), 200);
    let second = server.post("BeginTransaction", &json!({}));
    let second = ann.asks(second).expect(200).text().to_owned();
    assert_eq!(begin(&server, &ann), 503);
    assert_eq!(begin(&server, &bob), 200);
    assert_eq!(begin(&server, &bob), 503);
    let end = server.post("EndTransaction", &json!({"commit": false}));
    ann.asks(end).header("TransactionId", &second).expect(204);
    assert_eq!(begin(&server, &eve), 200);
    assert_eq!(begin(&server, &ann), 503);
}
