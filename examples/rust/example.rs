//! Todos from Rust: opens a store, creates and lists; then the same queries over a reader that is written in Rust.
//!
//!   rustc --edition 2021 example.rs -L FOLDER-OF-LIBTODO && ./example sqlite:todo.db
mod todo;

use std::ffi::{CStr, CString};
use std::os::raw::c_void;
use std::ptr::{null, null_mut};
use todo::*;

type Outcome<T> = Result<T, Box<Error>>;

fn register(commands: *mut Commands, email: &CStr) -> Outcome<Uuid> {
    let password = CString::new("correct horse battery").unwrap();
    let registration = Registration { email: email.as_ptr(), password: password.as_ptr(), ..Registration::init() };
    let mut user = null();
    attempt(|error| unsafe { todo_commands_register(commands, null(), &registration, &mut user, error) })?;
    let id = unsafe { (*user).id };
    unsafe { todo_user_unref(user) };
    Ok(id)
}

fn create(commands: *mut Commands, user: &Uuid, title: &str) -> Outcome<()> {
    let title = CString::new(title).unwrap();
    let draft = Draft { title: title.as_ptr(), ..Draft::init() };
    let mut item = null();
    attempt(|error| unsafe { todo_commands_create(commands, null(), user, &draft, &mut item, error) })?;
    unsafe { todo_item_unref(item) };
    Ok(())
}

/// An item is borrowed while it is visited: what is to be kept is copied. A panic must not leave a callback.
unsafe extern "C" fn keep_title(arg: *mut c_void, item: *const Item) -> Status {
    let titles = &mut *(arg as *mut Vec<String>);
    titles.push(text((*item).title));
    OK
}

fn titles(queries: *mut Queries, user: &Uuid) -> Outcome<String> {
    let mut titles: Vec<String> = Vec::new();
    let arg = &mut titles as *mut _ as *mut c_void;
    attempt(|error| unsafe {
        todo_queries_each(queries, null(), user, null(), keep_title, arg, null_mut(), null_mut(), error)
    })?;
    Ok(titles.join(", "))
}

/// A TodoReader: each user has the same three todos, which are in no database. Immutable, so any thread may call it.
struct Countdown {
    ids: [Uuid; 3],
}

impl Countdown {
    fn new() -> Outcome<Self> {
        let mut ids = [Uuid { bytes: [0; 16] }; 3];
        for id in &mut ids {
            attempt(|error| unsafe { todo_uuid_generate(id, error) })?;
        }
        Ok(Countdown { ids })
    }

    unsafe fn build(&self, user: *const Uuid, number: usize, ret_item: *mut *const Item, error: *mut Error) -> Status {
        let title = CString::new(format!("in {}", 3 - number)).unwrap();
        let mut members = Item::members();
        members.id = self.ids[number];
        members.user_id = *user;
        members.title = title.as_ptr();
        members.version = 1;
        todo_item_build(&members, std::mem::size_of::<Item>(), ret_item, error)
    }
}

unsafe extern "C" fn countdown_get(
    this: *mut c_void, _call: *const Call, user: *const Uuid, id: *const Uuid, ret_item: *mut *const Item, error: *mut Error,
) -> Status {
    let this = &*(this as *const Countdown);
    match this.ids.iter().position(|known| *known == *id) {
        Some(number) => this.build(user, number, ret_item, error),
        None => todo_error_set(error, NOT_FOUND, null(), null(), null()),
    }
}

unsafe extern "C" fn countdown_list(
    this: *mut c_void, _call: *const Call, user: *const Uuid, query: *const ListQuery, visit: Visit, arg: *mut c_void,
    error: *mut Error,
) -> Status {
    let this = &*(this as *const Countdown);
    for number in 0..this.ids.len().min((*query).limit as usize) {
        let mut item = null();
        let mut status = this.build(user, number, &mut item, error);
        if status == OK {
            status = visit(arg, item);
            todo_item_unref(item);
        }
        if status != OK {
            return status;
        }
    }
    OK
}

unsafe extern "C" fn countdown_destroy(this: *mut c_void) {
    drop(Box::from_raw(this as *mut Countdown));
    println!("its own reader is gone");
}

fn own_reader(user: &Uuid) -> Outcome<()> {
    let ops = ReaderOps {
        destroy: Some(countdown_destroy),
        get: Some(countdown_get),
        list: Some(countdown_list),
        ..ReaderOps::init()
    };
    let this = Box::into_raw(Box::new(Countdown::new()?)) as *mut c_void; // the reader's from here on
    let (mut reader, mut queries, mut item) = (null_mut(), null_mut(), null());
    attempt(|error| unsafe { todo_reader_new(&ops, this, &mut reader, error) })?;
    let options = QueriesOptions { reader, ..QueriesOptions::init() };
    attempt(|error| unsafe { todo_queries_new(&options, &mut queries, error) })?;
    unsafe { todo_reader_unref(reader) }; // the queries hold their own reference
    println!("its own reader: {}", titles(queries, user)?);
    if let Err(error) = attempt(|error| unsafe { todo_queries_get(queries, null(), user, user, &mut item, error) }) {
        println!("refused: {error}");
    }
    unsafe { todo_queries_free(queries) };
    Ok(())
}

fn run(url: &CStr) -> Outcome<()> {
    let options = StoreOptions { url: url.as_ptr(), ..StoreOptions::init() };
    let mut store = null_mut();
    println!("libtodo {}", unsafe { text(todo_version()) });
    attempt(|error| unsafe { todo_store_open(&options, &mut store, error) })?;
    let (commands, queries) = unsafe { (todo_store_commands(store), todo_store_queries(store)) };
    let user = register(commands, &CString::new("ada@example.org").unwrap())?;
    create(commands, &user, "  Read the headers ")?;
    create(commands, &user, "Write a binding ✓")?;
    if let Err(error) = create(commands, &user, "   ") {
        println!("refused: {error}");
    }
    println!("the store: {}", titles(queries, &user)?);
    own_reader(&user)?;
    unsafe { todo_store_close(store) };
    Ok(())
}

fn main() {
    let url = std::env::args().nth(1).unwrap_or_else(|| "sqlite::memory:".into());
    if let Err(error) = run(&CString::new(url).unwrap()) {
        eprintln!("{error}");
        std::process::exit(1);
    }
}
