//! The shipped metadata, and the faults of broken metadata.
use userdex::model::Model;

#[test]
fn the_shipped_metadata_loads() {
    let model = Model::shipped().unwrap();
    assert_eq!(model.entities().count(), 34);
}
