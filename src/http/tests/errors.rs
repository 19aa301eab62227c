//! The error object.

use actix_web::body::MessageBody;

use crate::diag::{Code, Problem, Span};
use crate::http::error_body::response;

fn body(problem: &Problem) -> (u16, serde_json::Value) {
    let answer = response(problem, "id-1");
    let status = answer.status().as_u16();
    let bytes = answer.into_body().try_into_bytes().unwrap();
    (status, serde_json::from_slice(&bytes).unwrap())
}

#[test]
fn a_problem_is_told_whole() {
    let problem = Problem::new(Code::FilterNotDeclared, "`Name` does not declare `eq`")
        .about("Name")
        .at(Span::new(5, 7))
        .within("$filter", "Name eq 'Ann'")
        .help("`contains(Name,'Ann')` is declared")
        .log("never told")
        .with_detail(Problem::new(Code::UnknownProperty, "there is no `Nme`").about("Nme"));
    let expected = serde_json::json!({"error": {
        "code": "FilterNotDeclared",
        "message": "`Name` does not declare `eq`; `contains(Name,'Ann')` is declared",
        "target": "Name",
        "details": [
            {"code": "UnknownProperty", "message": "there is no `Nme`", "target": "Nme"}
        ],
        "type": "FilterNotDeclared",
        "messageFormat": "`Name` does not declare `eq`; `contains(Name,'Ann')` is declared",
        "parameters": [],
        "@ext.caret": "Name eq 'Ann'\n     ^^",
        "@ext.help": ["`contains(Name,'Ann')` is declared"],
        "@ext.requestId": "id-1"
    }});
    assert_eq!(body(&problem), (400, expected));
}

#[test]
fn faults_of_the_service_are_not_told() {
    for code in Code::ALL.iter().filter(|code| code.status() == 500) {
        let problem = Problem::new(*code, "secret")
            .about("secret")
            .help("secret")
            .log("secret");
        let (status, body) = body(&problem);
        assert_eq!(status, 500);
        assert!(!body.to_string().contains("secret"), "{body}");
        assert_eq!(body["error"]["@ext.requestId"], "id-1");
    }
}
