//! The shipped metadata, and the faults of broken metadata.
use userdex::model::Model;

#[test]
fn the_shipped_metadata_loads() {
    let model = Model::shipped().unwrap();
    assert_eq!(model.entities().count(), 34);
}
#[test]
fn show() {
    let model = Model::shipped().unwrap();
    for (id, _) in model.entities() {
        println!("{}", userdex::model::print_entity(&model, id));
        for c in &model.table(id).columns {
            print!(
                "{}:{:?}{} ",
                c.name,
                c.kind,
                if c.nullable { "?" } else { "" }
            );
        }
        println!("\n");
    }
}
