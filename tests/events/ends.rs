//! What ends a stream.

use serde_json::json;

use userdex::value::Timestamp;

use crate::kit::{GROUPS, Person, notify};
use crate::support::server::{Kind, Server, settings};

crate::on_both!(
    whoever_is_deactivated_hears_no_more,
    whoever_signs_out_hears_no_more,
    another_server_ends_it_too,
    whoever_has_no_token_any_more_hears_no_more,
    a_server_that_stops_ends_its_streams,
    a_quiet_stream_lives,
);

fn whoever_is_deactivated_hears_no_more(kind: Kind) {
    let server = kind.server();
    let (ann, ben) = (Person::new(&server, "ann"), Person::new(&server, "ben"));
    let mut streams = [ann.listen(&server, ""), ann.listen(&server, "")];
    let mut other = ben.listen(&server, "");
    notify(&server, &ann.address, "before");
    for stream in &mut streams {
        stream.expect("notification");
    }
    server.change(&ann.address, &json!({"Active": false}));
    for stream in &mut streams {
        stream.ends();
    }
    notify(&server, &ben.address, "after");
    other.expect("notification");
    ann.ask(&server, "GET", "").expect(401);
}

fn whoever_signs_out_hears_no_more(kind: Kind) {
    let server = kind.server();
    let boss = Person::admin(&server, "boss");
    // Another sign-in of the same user goes on.
    let other = Person::with(
        &server,
        boss.address.clone(),
        userdex::access::Scopes::USUAL,
    );
    let query = format!("?sets={GROUPS}");
    let (mut ended, mut lives) = (boss.listen(&server, &query), other.listen(&server, &query));
    assert_ne!(boss.header, other.header);
    let logout = crate::support::http::Request::new(server.address, "POST", "/api/domain/logout");
    logout
        .anonymous()
        .header("Authorization", &boss.header)
        .expect(204);
    ended.ends();
    crate::kit::group(&server, "G");
    lives.expect("created");
}

fn another_server_ends_it_too(kind: Kind) {
    let (one, people) = {
        let server = kind.server();
        let people = ["ann", "ben"].map(|login| Person::new(&server, login));
        (server, people)
    };
    let two = one.beside(settings());
    let [ann, ben] = people;
    let (mut to_ann, mut to_ben) = (ann.listen(&one, ""), ben.listen(&one, ""));
    two.change(&ann.address, &json!({"Active": false}));
    to_ann.ends();
    let logout = crate::support::http::Request::new(two.address, "POST", "/api/domain/logout");
    logout
        .anonymous()
        .header("Authorization", &ben.header)
        .expect(204);
    to_ben.ends();
}

/// A token that signs somebody in for a while, and its address.
fn token(server: &Server, of: &Person, seconds: i64) -> (Person, String) {
    let expires = Timestamp::now().micros() + seconds * 1_000_000;
    let expires = Timestamp::from_micros(expires).to_string();
    let body = json!({"scopes": "read", "expires": expires});
    let call = format!("{}/Ext.IssueToken", of.address);
    let made = server.post(&call, &body).expect(200).json();
    let text = |name: &str| made[name].as_str().unwrap().to_owned();
    let person = Person {
        address: of.address.clone(),
        header: format!("Bearer {}", text("token")),
    };
    let row = format!("Systems_Security_AccessTokens({})", text("id"));
    (person, row)
}

fn whoever_has_no_token_any_more_hears_no_more(kind: Kind) {
    let server = kind.server();
    let two = server.beside(settings());
    let ann = Person::new(&server, "ann");
    let (short, _) = token(&server, &ann, 5);
    let (here, of_here) = token(&server, &ann, 3_600);
    let (there, of_there) = token(&server, &ann, 3_600);
    let (stays, _) = token(&server, &ann, 3_600);
    let mut ended = [&short, &here, &there].map(|person| person.listen(&server, ""));
    let mut lives = stays.listen(&server, "");
    let revoke = |row: &str| format!("{row}/Ext.RevokeToken");
    server.post(&revoke(&of_here), &json!({})).expect(204);
    two.post(&revoke(&of_there), &json!({})).expect(204);
    for stream in &mut ended {
        stream.ends();
    }
    notify(&server, &ann.address, "still");
    assert_eq!(lives.expect("notification")["subject"], "still");
}

fn a_server_that_stops_ends_its_streams(kind: Kind) {
    let server = kind.server();
    let ann = Person::new(&server, "ann");
    let mut streams = [ann.listen(&server, ""), ann.listen(&server, "")];
    // What the first signal does.
    server.service.end_events();
    for stream in &mut streams {
        stream.ends();
    }
    let answer = server.service.event_counts();
    assert_eq!(answer.cut, 0);
}

fn a_quiet_stream_lives(kind: Kind) {
    let mut settings = settings();
    settings.events.heartbeat = std::time::Duration::from_millis(20);
    let server = kind.server_with(settings);
    let ann = Person::new(&server, "ann");
    let mut stream = ann.listen(&server, "");
    for _ in 0..3 {
        stream.wait_for_heartbeat();
    }
    notify(&server, &ann.address, "s");
    assert_eq!(stream.expect("notification")["subject"], "s");
}
