//! What the chapters share: a service of their own, with a clock they stop, callers, and uploads.

mod answers;
mod clock;
mod database;
mod logs;
mod people;
mod plans;
mod program;
mod searches;
mod service;
mod uploads;

pub use answers::Answer;
pub use database::cluster;
pub use logs::assert_logs_say_nothing_of_children;
pub use people::{Person, a_person};
pub use plans::{PlanLine, a_plan, file};
pub use program::{assert_one_line, errors, program, words};
pub use searches::{a_doctor, nhs};
pub use service::{TestService, form};
pub use uploads::{Acknowledgement, TAKEN, nhs_numbers};
