//! A client that knows the vendor's documentation and nothing else: it signs in, begins a
//! transaction, copies a user, makes the copy one of its own, looks, ends.

use serde_json::{Value, json};

use crate::program::{Place, Program};
use crate::support::http::{Answer, Request};
use crate::support::server::{Kind, ODATA};

crate::on_both!(a_copy_is_made_and_saved, a_copy_is_made_and_dropped);

const PASSWORD: &str = "Correct horse, 7 batteries";

/// The client: a session, and the transaction that it is in.
struct Client<'p> {
    program: &'p Program,
    session: String,
    transaction: Option<String>,
}

impl<'p> Client<'p> {
    fn sign_in(program: &'p Program) -> Self {
        Self {
            program,
            session: program.session(),
            transaction: None,
        }
    }

    fn ask(&self, method: &str, path: &str) -> Request {
        let target = format!("{ODATA}{}", path.replace(' ', "%20"));
        let request = Request::new(self.program.address, method, &target)
            .anonymous()
            .header("Authorization", &self.session);
        match &self.transaction {
            Some(id) => request.header("TransactionId", id),
            None => request,
        }
    }

    fn get(&self, path: &str) -> Value {
        self.ask("GET", path).expect(200).json()
    }

    fn post(&self, path: &str, body: &Value) -> Answer {
        let answer = self.ask("POST", path).json(body).send();
        assert!((200..300).contains(&answer.status), "{path}: {answer}");
        answer
    }

    fn create(&self, set: &str, body: &Value) -> String {
        format!("{set}({})", self.post(set, body).id())
    }
}

/// Names of the groups of a user.
fn groups(client: &Client<'_>, user: &str) -> Vec<String> {
    let user = client.get(&format!(
        "{user}?$expand=Groups($expand=Group($select=Name))"
    ));
    let members = user["Groups"].as_array().unwrap();
    let names = members.iter().map(|m| m["Group"]["Name"]["EN"].as_str());
    let mut names: Vec<_> = names.map(|name| name.unwrap().to_owned()).collect();
    names.sort();
    names
}

/// Begins a transaction and makes a copy of a user in it; the copy's address.
fn copied(client: &mut Client<'_>) -> String {
    let sales = client.create("Systems_Security_Groups", &json!({"Name": {"EN": "Sales"}}));
    let more = client.create("Systems_Security_Groups", &json!({"Name": {"EN": "More"}}));
    let ann = client.create(
        "Systems_Security_Users",
        &json!({
            "Login": "ann", "Name": {"EN": "Ann Lee"}, "Email": "ann@example.org",
            "UserType": "InternalUser", "@ext.initialPassword": PASSWORD,
            "Groups": [{"Group": {"@odata.id": sales}}],
        }),
    );
    let arguments = json!({"model": "frontend", "trackChanges": true});
    let begun = client.post("BeginTransaction", &arguments);
    let kind = begun.header("content-type").unwrap();
    assert!(kind.starts_with("text/plain"), "{kind}");
    client.transaction = Some(begun.text().to_owned());
    let copy = client.post(&format!("{ann}/CreateCopy"), &json!({}));
    assert_eq!((copy.status, &copy.json()["Login"]), (200, &json!("ann")));
    let copy = format!("Systems_Security_Users({})", copy.id());
    assert_ne!(copy, ann);
    // As it is, it cannot be saved: the login is taken, and it has no password.
    let refused = client.ask("POST", "EndTransaction").json(&json!({})).send();
    assert!((400..500).contains(&refused.status), "{refused}");
    let own = json!({"Login": "bea", "Email": "bea@example.org", "Name": {"EN": "Bea"}});
    client.ask("PATCH", &copy).json(&own).expect(204);
    let refused = client.ask("POST", "EndTransaction").json(&json!({}));
    refused.refused(422, "R35716", &format!("{copy}/Password"));
    client.post(
        &format!("{copy}/Ext.SetPassword"),
        &json!({"password": PASSWORD}),
    );
    let member = json!({"Group": {"@odata.id": more}});
    client.post(&format!("{copy}/Groups"), &member);
    copy
}

/// What the client sees inside, and nobody outside.
fn looks(client: &Client<'_>, copy: &str) {
    let outside = Client::sign_in(client.program);
    assert_eq!(client.get(copy)["Email"], "bea@example.org");
    assert_eq!(groups(client, copy), ["More", "Sales"]);
    let found = "Systems_Security_Users?$filter=Login eq 'bea'&$select=Name";
    assert_eq!(client.get(found)["value"][0]["Name"]["EN"], "Bea");
    let count = "Systems_Security_Users/$count?$filter=contains(Email,'@example.org')";
    assert_eq!(client.ask("GET", count).expect(200).text(), "2");
    let batch = json!({"requests": [{"id": "1", "method": "get", "url": copy}]});
    let answers = client.post("$batch", &batch).json();
    assert_eq!(answers["responses"][0]["body"]["Login"], "bea", "{answers}");
    outside.ask("GET", copy).expect(404);
    assert_eq!(outside.get(found)["value"], json!([]));
    assert_eq!(outside.ask("GET", count).expect(200).text(), "1");
    let changes = client.get("GetChanges");
    let id = crate::support::server::key(copy);
    let new = &changes["insert"]["Systems_Security_Users"][id];
    assert_eq!(new["Login"], "bea", "{changes}");
    let members = changes["insert"]["Systems_Security_UserGroups"].as_object();
    assert_eq!(members.unwrap().len(), 2, "{changes}");
    assert!(!changes.to_string().contains(PASSWORD), "{changes}");
    // Told once.
    let again = client.get("GetChanges");
    assert!(again.get("insert").is_none(), "{again}");
}

/// The transaction is over, for everything.
fn is_over(client: &mut Client<'_>) {
    let id = client.transaction.clone().unwrap();
    for path in ["GetChanges", "Systems_Security_Users"] {
        let over = client.ask("GET", path).expect(400).json();
        let message = format!("Invalid TransactionId {id}");
        assert_eq!(over["error"]["message"], message, "{path}");
    }
    client.transaction = None;
}

fn a_copy_is_made_and_saved(kind: Kind) {
    let place = Place::new(kind);
    let program = place.start();
    let mut client = Client::sign_in(&program);
    let copy = copied(&mut client);
    looks(&client, &copy);
    let ended = client.ask("POST", "EndTransaction").json(&json!({}));
    ended.expect(204);
    is_over(&mut client);
    assert_eq!(client.get(&copy)["Email"], "bea@example.org");
    assert_eq!(groups(&client, &copy), ["More", "Sales"]);
    let entered = program.login("bea", PASSWORD);
    assert_eq!(entered.status, 200, "{entered}");
}

fn a_copy_is_made_and_dropped(kind: Kind) {
    let place = Place::new(kind);
    let program = place.start();
    let mut client = Client::sign_in(&program);
    let copy = copied(&mut client);
    looks(&client, &copy);
    let dropped = client.ask("POST", "EndTransaction");
    dropped.json(&json!({"commit": false})).expect(204);
    is_over(&mut client);
    client.ask("GET", &copy).expect(404);
    assert_eq!(program.login("bea", PASSWORD).status, 401);
    assert_eq!(program.login("ann", PASSWORD).status, 200);
}
