//! Every kind of caller, each by another way in.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value as Json, json};

use crate::needles::Needles;
use crate::stage::{APPLICATIONS, client_secret, password};
use crate::support::http::Request;
use crate::support::server::{Server, USERS, key, link, merged};

/// Somebody who asks.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) name: &'static str,
    /// The headers of every request.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) sees: Sees,
    /// One question of so many is asked where another caller with the same rights asks all.
    pub(crate) every: usize,
}

/// How much somebody may read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sees {
    /// Nothing: nobody has signed in.
    Nothing,
    /// What roles and groups allow.
    Some,
    /// All but the audit log.
    Most,
    /// Everything that anybody may see.
    All,
}

impl Caller {
    fn new(name: &'static str, sees: Sees, header: (&str, &str)) -> Self {
        let headers = vec![(header.0.to_owned(), header.1.to_owned())];
        Self {
            name,
            headers,
            sees,
            every: 1,
        }
    }

    /// The same for one whose rights another caller has.
    fn alike(self) -> Self {
        Self { every: 4, ..self }
    }

    /// A request as this caller.
    pub(crate) fn ask(&self, server: &Server, method: &str, target: &str) -> Request {
        let request = Request::new(server.address, method, target).anonymous();
        let mut all = self.headers.iter();
        all.try_fold(request, |request, (name, value)| {
            Some(request.header(name, value))
        })
        .unwrap()
    }
}

fn text(json: &Json) -> String {
    json.as_str().unwrap().to_owned()
}

/// A user who may come in by every way.
fn user(server: &Server, login: &str, more: Json) -> String {
    let body = json!({"BasicAuthenticationAllowed": true, "@ext.initialPassword": password()});
    server.user_with(login, merged(body, more))
}

fn token(server: &Server, user: &str, body: &Json, needles: &mut Needles) -> String {
    let made = server.post(&format!("{user}/Ext.IssueToken"), body);
    let token = text(&made.expect(200).json()["token"]);
    needles.text("a reference token", &token);
    token
}

/// All of them. What they sign in with may not come back either.
pub(crate) fn all(server: &Server, needles: &mut Needles) -> Vec<Caller> {
    let group = server.create(
        "Systems_Security_Groups",
        &json!({"Name": {"EN": "People"}}),
    );
    let member = |user: &str| {
        let body = json!({"User@odata.bind": user, "Group@odata.bind": group});
        server.create("Systems_Security_UserGroups", &body);
    };
    let plain = user(server, "plain", json!({}));
    let reader = user(server, "reader", json!({}));
    let other = user(server, "other", json!({}));
    let boss = user(server, "boss", json!({"IsAdmin": true}));
    // Nobody asks as this one: attempts to sign in are made with it.
    let door = user(server, "door", json!({}));
    for user in [&plain, &reader, &other, &door] {
        member(user);
    }
    for holder in [&reader, &other] {
        let role = server.rows("Systems_Security_Roles?$filter=Name eq 'Directory reader'");
        let role = format!("Systems_Security_Roles({})", text(&role[0]["Id"]));
        let body = json!({"User@odata.bind": holder, "Role@odata.bind": role});
        server.create("Systems_Security_RoleUsers", &body);
    }
    // Secrets of somebody who asks for them.
    let body = json!({"User@odata.bind": other, "LoginProviderName": "p", "TokenName": "t",
                      "TokenValue": client_secret()});
    server.create("Systems_Security_UserProviderTokens", &body);
    let session = |login: &str| {
        let body = json!({"user": login, "pass": password()});
        let answer = Request::new(server.address, "POST", "/api/domain/login");
        let opened = answer.anonymous().json(&body).expect(200);
        text(&opened.json()["authorization"])
    };
    let (plain, boss_session) = (session("plain"), session("boss"));
    let basic = STANDARD.encode(format!("reader:{}", password()));
    let cookie = cookie(server, "other");
    let all = token(
        server,
        &boss,
        &json!({"scopes": "read update sec"}),
        needles,
    );
    let (service, application) = service(server);
    let system = json!({"application": application, "scopes": "read update"});
    let system = token(server, &service, &system, needles);
    let client = client(server);
    let secrets = [&plain, &boss_session, &cookie.0, &client];
    for credential in secrets {
        let secret = credential.rsplit([' ', '=', '.']).next().unwrap();
        needles.text("a credential", secret);
    }
    let mut page = Caller::new(
        "another user, by the page",
        Sees::Some,
        ("Cookie", &cookie.0),
    );
    page.headers.push(("X-CSRF-Token".to_owned(), cookie.1));
    let nobody = Caller {
        name: "nobody",
        headers: Vec::new(),
        sees: Sees::Nothing,
        every: 4,
    };
    let page = page.alike();
    let bearer = |token: &str| format!("Bearer {token}");
    vec![
        nobody,
        Caller::new(
            "a user without rights",
            Sees::Some,
            ("Authorization", &plain),
        ),
        Caller::new(
            "a reader, by Basic",
            Sees::Some,
            ("Authorization", &format!("Basic {basic}")),
        ),
        page,
        Caller::new(
            "an administrator",
            Sees::Most,
            ("Authorization", &boss_session),
        ),
        Caller::new(
            "an administrator with `sec`",
            Sees::All,
            ("Authorization", &bearer(&all)),
        ),
        Caller::new("a service by token", Sees::Most, ("X-Api-Key", &system)).alike(),
        Caller::new(
            "a service by client credentials",
            Sees::Most,
            ("Authorization", &bearer(&client)),
        )
        .alike(),
    ]
}

/// The cookie of the page, and the token of its changes.
fn cookie(server: &Server, login: &str) -> (String, String) {
    let form = format!("user={login}&pass={}&code=", password().replace(' ', "+"));
    let media = "application/x-www-form-urlencoded";
    let page = Request::new(server.address, "POST", "/sign-in").anonymous();
    let answer = page.body(media, form).expect(303);
    let cookie = answer.header("set-cookie").unwrap();
    let cookie = cookie.split(';').next().unwrap().to_owned();
    let session = Request::new(server.address, "GET", "/api/domain/session").anonymous();
    let session = session.header("Cookie", &cookie).expect(200).json();
    (cookie, text(&session["csrf"]))
}

/// A service account and its application.
fn service(server: &Server) -> (String, String) {
    let robot = json!({"UserType": "SystemUserNoLogin", "IsAdmin": true});
    let robot = server.user_with("robot", robot);
    let body = json!({"ApplicationUri": "app:robot", "Name": "robot", "Scope": "read update",
        "SystemUserAllowed": true, "SystemUser": link(&robot), "ReferenceTokens": "AuthenticatedUsers"});
    let application = server.create(APPLICATIONS, &body);
    let secret = json!({"secret": client_secret()});
    let made = server.post(&format!("{application}/Ext.SetSecret"), &secret);
    assert!(made.send().status < 300);
    assert!(key(&robot).len() == 36 && robot.starts_with(USERS));
    (robot, "app:robot".to_owned())
}

/// An access token of the application.
fn client(server: &Server) -> String {
    let secret = client_secret();
    let form = format!(
        "grant_type=client_credentials&client_id=app:robot&client_secret={secret}&scope=read+update"
    );
    let media = "application/x-www-form-urlencoded";
    let answer = Request::new(server.address, "POST", "/id/connect/token").anonymous();
    text(&answer.body(media, form).expect(200).json()["access_token"])
}
