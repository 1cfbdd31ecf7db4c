//! What every search shares: the child it is about, what it asks of the child's resources, and the
//! shape of the answer (<https://hl7.org/fhir/R4/search.html>).

pub mod answering;
pub mod authorities;
pub mod child_criterion;
pub mod criterion;
pub mod date_range;
pub mod definition_search;
pub mod finding;
pub mod held_plans;
pub mod including;
pub mod notification_search;
pub mod once;
pub mod page;
pub mod paging;
pub mod parameters;
pub mod pool;
pub mod refusal;
pub mod request;
pub mod requirement;
pub mod result_shape;
pub mod run;
pub mod search_parameter;
pub mod searchable;
pub mod sought;
pub mod view;

pub use refusal::SearchRefusal;
