//! The demonstration data: fills both databases, and only empty ones.

mod support;

use userdex::demo;
use userdex::model::Model;

#[test]
fn fills_an_empty_database_once() {
    let model = Model::shipped().unwrap();
    support::on_each_database(|store| {
        assert!(demo::is_empty(store, &model).unwrap());
        let report = demo::fill(store, &model, 2_100, 42).unwrap();
        assert_eq!(report.users, 2_100);
        assert!(report.rows > 2_100 * 6, "{report:?}");
        let mut session = store.session().unwrap();
        let mut rows = |set: &str| {
            session
                .row_count(model.table(model.set(set).unwrap()))
                .unwrap()
        };
        assert_eq!(rows("Systems_Security_Users"), 2_100);
        assert_eq!(rows("Systems_Security_Groups"), 20);
        assert_eq!(rows("Systems_Security_Roles"), 10);
        assert_eq!(rows("Systems_Security_Domains"), 2);
        let memberships = rows("Systems_Security_UserGroups");
        assert!(
            (5_800..6_800).contains(&memberships),
            "about three a user: {memberships}"
        );
        let roles = rows("Systems_Security_RoleUsers");
        assert!((3_900..4_500).contains(&roles), "about two a user: {roles}");
        drop(session);

        let refusal = demo::fill(store, &model, 1, 42).unwrap_err();
        assert_eq!(refusal.message(), "the database already holds users");
    });
}
