//! The same tables in Wasm: under Node, and in a browser when the runner is told so. The same rows, the same answers.
#![cfg(target_arch = "wasm32")]

mod common;

use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
fn no_attack_is_authorized() {
    common::attacks::run().assert(360);
}

#[wasm_bindgen_test]
fn what_is_unauthorized_passes_once_the_impersonated_one_is_listed() {
    common::attacks::run_with_victim_listed().assert(30);
}

#[wasm_bindgen_test]
fn real_mail_is_authorized() {
    common::legitimate::run().assert(110);
}

#[wasm_bindgen_test]
fn decisions() {
    common::decisions::run().assert(350);
}

#[wasm_bindgen_test]
fn findings_that_were_kept() {
    common::rejudging::run().assert(30);
}

#[wasm_bindgen_test]
fn what_a_submission_agent_changes() {
    common::completing::run().assert(90);
}

#[wasm_bindgen_test]
fn what_a_log_shows() {
    common::facts::run().assert(60);
}

#[wasm_bindgen_test]
fn departures_from_uts_46() {
    common::idna::run_departures().assert(4);
}

#[wasm_bindgen_test]
fn addresses_of_the_standards() {
    common::addresses::run().assert(110);
}

#[wasm_bindgen_test]
fn lists() {
    common::list_tables::domain_lists();
    common::list_tables::sender_lists();
}

#[wasm_bindgen_test]
fn readers_of_the_header_section() {
    common::message_tables::header_sections();
    common::message_tables::mailboxes();
    common::message_tables::originators();
    common::message_tables::priority_fields();
}

#[wasm_bindgen_test]
fn users() {
    common::user_table::users();
}
