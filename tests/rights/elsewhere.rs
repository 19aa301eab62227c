//! What is hidden changes no answer beside the data either: every address of the table of addresses,
//! over HTTP, byte for byte, headers included.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use userdex::access::{Scopes, Way};
use userdex::http::{Extent, ROUTES};
use userdex::value::Timestamp;
use uuid::Uuid;

use crate::support::http::{Answer, Request};
use crate::support::world::World;

/// The addresses that differ between any two databases, and why.
const DIFFERENT: &[(&str, &str)] = &[(
    "/id/.well-known/openid-configuration/jwks",
    "each database has signing keys of its own",
)];

/// The header of each answer that is new each time.
const OF_THE_MOMENT: &[&str] = &["date", "x-request-id"];

/// A caller of one of the two databases.
struct Side<'w> {
    world: &'w World,
    session: String,
}

/// Asks both databases everything that a reader may ask beside the data, signed in and not.
pub(crate) fn answers_are_the_same(quiet: &World, loud: &World, reader: Uuid) {
    let (quiet, loud) = (Side::new(quiet, reader), Side::new(loud, reader));
    let (mut told, mut refused) = (0, 0);
    let mut same = |ask: &dyn Fn(&Side<'_>) -> Request| {
        let (one, two) = (told_by(&ask(&quiet)), told_by(&ask(&loud)));
        assert_eq!(one, two, "{}: {:?}", quiet.world.name, ask(&loud));
        *(if one.0 < 400 { &mut told } else { &mut refused }) += 1;
    };
    for address in ROUTES {
        if DIFFERENT.iter().any(|(path, _)| *path == address.path) {
            continue;
        }
        let paths = match address.extent {
            Extent::Exact => vec![address.path.to_owned()],
            Extent::Lenient => vec![address.path.to_owned(), format!("{}/", address.path)],
            Extent::Below => ["x", "index.html", "Systems_Security_Users", "Ext.Me"]
                .map(|rest| format!("{}/{rest}", address.path))
                .to_vec(),
        };
        for path in &paths {
            // What changes something is asked last, below.
            for method in ["GET", "HEAD", "OPTIONS"] {
                same(&|side| side.signed_in(method, path));
                same(&|side| side.nobody(method, path));
            }
        }
    }
    // Attempts to sign in as somebody hidden, as somebody visible, as nobody there.
    for login in ["shadow1", "SHADOW1", "admin", "nobody-at-all"] {
        for path in ["/api/domain/login", "/sign-in"] {
            let form = format!("user={login}&pass=wrong");
            let media = "application/x-www-form-urlencoded";
            same(&|side| side.nobody("POST", path).body(media, form.clone()));
        }
        let form = format!("grant_type=client_credentials&client_id={login}&client_secret=wrong");
        let media = "application/x-www-form-urlencoded";
        same(&|side| {
            side.nobody("POST", "/id/connect/token")
                .body(media, form.clone())
        });
        let basic = format!("Basic {}", STANDARD.encode(format!("{login}:wrong")));
        let users = "/api/domain/odata/Systems_Security_Users";
        same(&|side| side.nobody("GET", users).header("Authorization", &basic));
    }
    let asked = |id: &str, url: &str| json!({"id": id, "method": "get", "url": url});
    let batch = json!({"requests": [
        asked("1", "Systems_Security_Users?$count=true"),
        asked("2", "Systems_Security_Users?$filter=Notes eq 'MARKER'"),
        asked("3", "Systems_Security_UserGroups?$expand=User"),
        asked("4", "Ext.Me?$expand=*"),
    ]});
    same(&|side| {
        let request = side.signed_in("POST", "/api/domain/odata/$batch");
        request.json(&batch).prefer("continue-on-error")
    });
    same(&|side| side.signed_in("POST", "/api/domain/logout"));
    same(&|side| side.signed_in("GET", "/api/domain/session"));
    assert!(told > 50 && refused > 50, "{told} told, {refused} refused");
}

impl<'w> Side<'w> {
    fn new(world: &'w World, user: Uuid) -> Self {
        let (way, now) = (Way::Session, Timestamp::now());
        let opened = world
            .service
            .open_session(user, way, None, Scopes::USUAL, now);
        let session = format!("ErpSession {}", opened.unwrap().id);
        Self { world, session }
    }

    fn nobody(&self, method: &str, path: &str) -> Request {
        Request::new(self.world.host().parse().unwrap(), method, path).anonymous()
    }

    fn signed_in(&self, method: &str, path: &str) -> Request {
        self.nobody(method, path)
            .header("Authorization", &self.session)
    }
}

/// What a request is answered, but for what is new each time: the request's id, and the token of a
/// session, which is made of its id.
fn told_by(request: &Request) -> (u16, Vec<(String, String)>, String) {
    let Answer {
        status,
        mut headers,
        body,
    } = request.send();
    // Their order is the server's, by chance.
    headers.sort();
    headers.retain(|(name, _)| !OF_THE_MOMENT.contains(&name.as_str()));
    let mut body = String::from_utf8(body).unwrap();
    // The id of an event is never the same twice.
    if let Some((before, after)) = body.split_once("\nid: ") {
        let (_, after) = after.split_once('\n').unwrap();
        body = format!("{before}\nid: …\n{after}");
    }
    for name in ["@ext.requestId\":\"", "\"csrf\":\""] {
        if let Some((before, after)) = body.split_once(name) {
            let (_, after) = after.split_once('"').unwrap();
            body = format!("{before}{name}…\"{after}");
        }
    }
    (status, headers, body)
}
