//! Signing in by hand: the page, its cookie, and the token of changes.

use serde_json::json;

use crate::support::http::{Answer, Request};
use crate::support::server::{Kind, Server, USERS};
use crate::wire::nobody;

crate::on_both!(
    the_page_gives_a_cookie,
    changes_with_the_cookie_need_the_token,
    the_cookie_is_a_secret_one_by_https,
    a_password_is_changed_where_it_is_asked_for,
);

const PASSWORD: &str = "correct+horse";

/// Signs in by the form; the value of the cookie header.
fn sign_in(server: &Server, login: &str) -> String {
    let answer = form(server, login, PASSWORD).expect(303);
    let cookie = answer.header("set-cookie").unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

fn form(server: &Server, login: &str, password: &str) -> Request {
    let body = format!("user={login}&pass={password}&code=");
    let media = "application/x-www-form-urlencoded";
    nobody(server, "POST", "/sign-in").body(media, body)
}

fn is_page(answer: &Answer) {
    let policy = answer.header("content-security-policy").unwrap();
    assert!(policy.contains("default-src 'none'"), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert!(!answer.text().contains("<script"), "{answer}");
}

fn the_page_gives_a_cookie(kind: Kind) {
    let server = kind.server();
    server.user_with("ann<b>", json!({"IsAdmin": true}));
    let page = nobody(&server, "GET", "/sign-in").expect(200);
    assert!(page.text().contains("name=\"pass\""));
    is_page(&page);
    let wrong = form(&server, "ann", "wrong").expect(401);
    is_page(&wrong);
    assert!(wrong.text().contains("role=\"alert\""), "{wrong}");
    assert!(wrong.header("set-cookie").is_none());
    let right = form(&server, "ann<b>", PASSWORD).expect(303);
    let cookie = right.header("set-cookie").unwrap();
    for part in ["userdex=", "; Path=/", "; HttpOnly", "; SameSite=Strict"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let cookie = cookie.split(';').next().unwrap();
    let ask = |target: &str| nobody(&server, "GET", target).header("Cookie", cookie);
    ask(&format!("/api/domain/odata/{USERS}?$top=1")).expect(200);
    let page = ask("/sign-in").expect(200);
    is_page(&page);
    assert!(page.text().contains("ann&lt;b&gt;") && !page.text().contains("ann<b>"));
    // A page of another origin may not sign anybody in.
    let foreign = form(&server, "ann<b>", PASSWORD).header("Origin", "https://evil.example");
    foreign.refused(400, "InvalidHeader", "Origin");
}

fn changes_with_the_cookie_need_the_token(kind: Kind) {
    let server = kind.server();
    let user = server.user_with("ann", json!({"IsAdmin": true}));
    let cookie = sign_in(&server, "ann");
    let other = sign_in(&server, "ann");
    let token = |cookie: &str| {
        let ask = nobody(&server, "GET", "/api/domain/session").header("Cookie", cookie);
        ask.expect(200).json()["csrf"].as_str().unwrap().to_owned()
    };
    let (mine, foreign) = (token(&cookie), token(&other));
    let target = format!("/api/domain/odata/{user}");
    let change = || {
        nobody(&server, "PATCH", &target)
            .header("Cookie", &cookie)
            .json(&json!({"Notes": "x"}))
    };
    let field = "X-CSRF-Token";
    change().refused(403, "CsrfTokenRequired", field);
    for wrong in [foreign.as_str(), "", "x"] {
        change()
            .header(field, wrong)
            .refused(403, "CsrfTokenRequired", field);
    }
    change().header(field, &mine).expect(204);
    let batch = nobody(&server, "POST", "/api/domain/odata/$batch")
        .header("Cookie", &cookie)
        .json(&json!({"requests": []}));
    batch.refused(403, "CsrfTokenRequired", field);
    // A read is no change, whatever its method.
    let query = nobody(
        &server,
        "POST",
        &format!("/api/domain/odata/{USERS}/$query"),
    );
    let query = query.header("Cookie", &cookie);
    query.json(&json!({"$top": "1"})).expect(200);
    let out = |cookie: &str| nobody(&server, "POST", "/sign-out").header("Cookie", cookie);
    out(&cookie).refused(403, "CsrfTokenRequired", field);
    let media = "application/x-www-form-urlencoded";
    let left = out(&cookie).body(media, format!("csrf={mine}")).expect(303);
    assert!(left.header("set-cookie").unwrap().contains("Max-Age=0"));
    let data = |cookie: &str| nobody(&server, "GET", &target).header("Cookie", cookie);
    data(&cookie).expect(401);
    data(&other).expect(200);
}

fn the_cookie_is_a_secret_one_by_https(kind: Kind) {
    let mut options = crate::support::server::options();
    options.transport.trusted_proxies = vec!["127.0.0.1/32".parse().unwrap()];
    let server = kind
        .start(crate::support::server::settings(), options)
        .unwrap();
    server.user_with("ann", json!({"IsAdmin": true}));
    let by = |request: Request, proto: &str| {
        request
            .header("X-Forwarded-For", "203.0.113.7")
            .header("X-Forwarded-Proto", proto)
    };
    by(form(&server, "ann", PASSWORD), "http").refused(403, "InsecureTransport", "");
    let answer = by(form(&server, "ann", PASSWORD), "https").expect(303);
    let cookie = answer.header("set-cookie").unwrap();
    assert!(
        cookie.starts_with("__Host-userdex=") && cookie.contains("; Secure"),
        "{cookie}"
    );
    let cookie = cookie.split(';').next().unwrap();
    let target = format!("/api/domain/odata/{USERS}?$top=1");
    let ask = |proto| by(nobody(&server, "GET", &target), proto).header("Cookie", cookie);
    ask("https").expect(200);
    ask("http").expect(401);
}

fn a_password_is_changed_where_it_is_asked_for(kind: Kind) {
    let mut settings = crate::support::server::settings();
    // Whatever was set when the test began is too old.
    settings.sign_in.max_age = std::time::Duration::from_nanos(1);
    let server = kind.server_with(settings);
    server.user_with("ann", json!({"IsAdmin": true}));
    let wrong = form(&server, "ann", "wrong").expect(401);
    assert!(!wrong.text().contains("too old"), "{wrong}");
    let old = form(&server, "ann", PASSWORD).expect(401);
    is_page(&old);
    assert!(old.text().contains("too old") && old.text().contains("name=\"newPassword\""));
    let log_in = |body| nobody(&server, "POST", "/api/domain/login").json(&body);
    let plain = json!({"user": "ann", "pass": "correct horse"});
    log_in(plain.clone()).refused(401, "PasswordChangeRequired", "newPassword");
    let media = "application/x-www-form-urlencoded";
    let renew = |old: &str, new: &str| {
        let body = format!("user=ann&pass={old}&code=&newPassword={new}");
        nobody(&server, "POST", "/sign-in").body(media, body)
    };
    assert!(
        renew(PASSWORD, "new+one")
            .expect(303)
            .header("set-cookie")
            .is_some()
    );
    log_in(plain).refused(401, "SignInFailed", "");
    let body = json!({"user": "ann", "pass": "new one", "newPassword": "one more"});
    log_in(body).expect(200);
    renew("one+more", "last+one").expect(303);
}
