/* port/users.h */
#include "fixture.h"

#include <stdio.h>

typedef struct new_user {
    todo_user_fields fields;
    char email[EMAIL_SIZE];
} new_user;

/* The members of a new user; the e-mail belongs to the account. */
static void new_account(test_fixture *fixture, new_user *account)
{
    char id[TODO_UUID_TEXT_SIZE];

    todo_user_fields_init(&account->fields, sizeof(account->fields));
    account->fields.id = new_id(fixture);
    todo_uuid_format(&account->fields.id, id);
    snprintf(account->email, sizeof(account->email), "%s@example.net", id);
    account->fields.email = account->email;
    account->fields.display_name = "Zo\xC3\xAB \xF0\x9F\x98\x80";
    account->fields.password_hash = "$y$j9T$salt$hash";
    account->fields.created_at = 1700000000123456;
}

static todo_status insert_account(test_fixture *fixture, const todo_call *call, const new_user *account)
{
    const todo_user *user = NULL;
    todo_status status;

    expect_equal(fixture, todo_user_build(&account->fields, &user, NULL), TODO_OK);
    status = todo_users_insert(fixture->users, call, user, &fixture->error);
    todo_user_unref(user);
    return status;
}

static void expect_user(test_fixture *fixture, const todo_user *user, const todo_user_fields *wanted)
{
    expect_that(fixture, user != NULL);
    expect_that(fixture, todo_uuid_compare(&user->id, &wanted->id) == 0);
    expect_text(fixture, user->email, wanted->email);
    if (wanted->display_name == NULL)
        expect_that(fixture, user->display_name == NULL);
    else
        expect_text(fixture, user->display_name, wanted->display_name);
    expect_text(fixture, todo_user_password_hash(user), wanted->password_hash);
    expect_equal(fixture, user->created_at, wanted->created_at);
}

static void expect_stored(test_fixture *fixture, const todo_user_fields *wanted)
{
    const todo_user *user = NULL;

    expect(fixture, TODO_OK,
           todo_users_find_by_id(fixture->users, NULL, &wanted->id, &user, &fixture->error));
    expect_user(fixture, user, wanted);
    todo_user_unref(user);
    expect(fixture, TODO_OK,
           todo_users_find_by_email(fixture->users, NULL, wanted->email, &user, &fixture->error));
    expect_user(fixture, user, wanted);
    todo_user_unref(user);
}

static void expect_nobody(test_fixture *fixture, const todo_uuid *id, const char *email)
{
    const todo_user *untouched = (const todo_user *)fixture, *user = untouched;

    if (id != NULL)
        expect(fixture, TODO_ERR_NOT_FOUND,
               todo_users_find_by_id(fixture->users, NULL, id, &user, &fixture->error));
    if (email != NULL)
        expect(fixture, TODO_ERR_NOT_FOUND,
               todo_users_find_by_email(fixture->users, NULL, email, &user, &fixture->error));
    expect_that(fixture, user == untouched);
}

static void finds_a_user_by_id_and_by_email(test_fixture *fixture)
{
    new_user named, nameless;

    new_account(fixture, &named);
    new_account(fixture, &nameless);
    nameless.fields.display_name = NULL;
    expect(fixture, TODO_OK, insert_account(fixture, NULL, &named));
    expect(fixture, TODO_OK, insert_account(fixture, NULL, &nameless));
    expect_stored(fixture, &named.fields);
    expect_stored(fixture, &nameless.fields);
}

static void an_unknown_user_is_not_found(test_fixture *fixture)
{
    new_user account;

    new_account(fixture, &account);
    expect_nobody(fixture, &account.fields.id, account.email);
}

static void an_email_is_compared_byte_by_byte(test_fixture *fixture)
{
    new_user account;
    char other[EMAIL_SIZE];

    new_account(fixture, &account);
    expect(fixture, TODO_OK, insert_account(fixture, NULL, &account));
    strcpy(other, account.email);
    strcpy(strrchr(other, '@'), "@EXAMPLE.net");
    expect_nobody(fixture, NULL, other);
    strcpy(other, account.email);
    other[0] = '%';
    expect_nobody(fixture, NULL, other);
    expect_nobody(fixture, NULL, "");
}

static void a_taken_email_is_a_conflict(test_fixture *fixture)
{
    new_user first, second;

    new_account(fixture, &first);
    new_account(fixture, &second);
    second.fields.email = first.email;
    expect(fixture, TODO_OK, insert_account(fixture, NULL, &first));
    expect(fixture, TODO_ERR_CONFLICT, insert_account(fixture, NULL, &second));
    expect_text(fixture, fixture->error.code, "email_exists");
    expect_nobody(fixture, &second.fields.id, NULL);
    expect_stored(fixture, &first.fields);
}

typedef struct picked_users {
    const todo_user *users[3];
    size_t count, wanted;
    todo_uuid ids[3];
} picked_users;

/* Picks the three users of the case out of all that the database has. */
static todo_status pick(void *arg, const todo_user *user)
{
    picked_users *this = arg;

    for (size_t i = 0; i < COUNT_OF(this->ids); i++) {
        if (memcmp(&user->id, &this->ids[i], sizeof(user->id)) != 0)
            continue;
        if (this->count == this->wanted)
            return TODO_ERR_TOO_LARGE;
        this->users[this->count++] = todo_user_ref(user);
    }
    return TODO_OK;
}

static void lists_the_oldest_user_first(test_fixture *fixture)
{
    new_user accounts[3];
    picked_users listing = {.wanted = 3};

    for (size_t i = 0; i < COUNT_OF(accounts); i++)
        new_account(fixture, &accounts[i]);
    accounts[0].fields.created_at = 1600000000000002;
    accounts[1].fields.created_at = 1600000000000001; /* a tie: the id decides */
    accounts[2].fields.created_at = 1600000000000001;
    accounts[2].fields.id.bytes[0] ^= 0x80;
    for (size_t i = 0; i < COUNT_OF(accounts); i++) {
        expect(fixture, TODO_OK, insert_account(fixture, NULL, &accounts[i]));
        listing.ids[i] = accounts[i].fields.id;
    }
    expect(fixture, TODO_OK, todo_users_list(fixture->users, NULL, pick, &listing, &fixture->error));
    expect_equal(fixture, listing.count, 3);
    expect_user(fixture, listing.users[0], &accounts[1].fields);
    expect_user(fixture, listing.users[1], &accounts[2].fields);
    expect_user(fixture, listing.users[2], &accounts[0].fields);
    for (size_t i = 0; i < listing.count; i++)
        todo_user_unref(listing.users[i]);
}

static todo_status end_at_once(void *arg, const todo_user *user)
{
    (void)user;
    ++*(size_t *)arg;
    return TODO_ERR_TOO_LARGE;
}

static void a_visit_may_end_the_list(test_fixture *fixture)
{
    size_t calls = 0;

    expect_equal(fixture, todo_users_list(fixture->users, NULL, end_at_once, &calls, NULL),
                 TODO_ERR_TOO_LARGE);
    expect_equal(fixture, calls, 1);
}

static todo_status set_hash(test_fixture *fixture, const todo_uuid *id, const char *old_hash,
                            const char *new_hash)
{
    return todo_users_set_password_hash(fixture->users, NULL, id, old_hash, new_hash, &fixture->error);
}

static void a_hash_is_replaced_unless_it_changed_meanwhile(test_fixture *fixture)
{
    new_user account;

    new_account(fixture, &account);
    expect(fixture, TODO_ERR_NOT_FOUND, set_hash(fixture, &account.fields.id, NULL, "$new"));
    expect(fixture, TODO_ERR_NOT_FOUND, set_hash(fixture, &account.fields.id, "$old", "$new"));
    expect(fixture, TODO_OK, insert_account(fixture, NULL, &account));
    expect(fixture, TODO_ERR_CONFLICT, set_hash(fixture, &account.fields.id, "$other", "$new"));
    expect_stored(fixture, &account.fields);
    expect(fixture, TODO_OK, set_hash(fixture, &account.fields.id, account.fields.password_hash, "$second"));
    account.fields.password_hash = "$second";
    expect_stored(fixture, &account.fields);
    expect(fixture, TODO_OK, set_hash(fixture, &account.fields.id, NULL, "$third"));
    account.fields.password_hash = "$third";
    expect_stored(fixture, &account.fields);
}

typedef struct removed_ids {
    todo_uuid ids[8];
    size_t count;
} removed_ids;

static void note_removed(void *arg, const todo_uuid *id)
{
    removed_ids *this = arg;

    if (this->count < COUNT_OF(this->ids))
        this->ids[this->count] = *id;
    this->count++;
}

static void a_removal_tells_the_todos_that_went_along(test_fixture *fixture)
{
    todo_item items[3], bobs = make_item(fixture, &fixture->bob, "bob's", 1);
    removed_ids removed = {.count = 0};

    expect(fixture, TODO_OK, insert_item(fixture, &bobs));
    for (size_t i = 0; i < COUNT_OF(items); i++)
        items[i] = add_item(fixture, "alice's", (todo_time)i);
    expect(fixture, TODO_OK,
           todo_users_remove(fixture->users, NULL, &fixture->alice, note_removed, &removed, &fixture->error));
    expect_equal(fixture, removed.count, COUNT_OF(items));
    for (size_t i = 0; i < COUNT_OF(items); i++) {
        bool told = false;

        for (size_t j = 0; j < COUNT_OF(items); j++)
            told = told || todo_uuid_compare(&removed.ids[j], &items[i].id) == 0;
        expect_that(fixture, told);
        expect_user_unknown(fixture, &fixture->alice, &items[i].id);
    }
    expect_item_stored(fixture, &bobs);
    removed.count = 0;
    expect(fixture, TODO_ERR_NOT_FOUND,
           todo_users_remove(fixture->users, NULL, &fixture->alice, note_removed, &removed, &fixture->error));
    expect_equal(fixture, removed.count, 0);
}

static void a_removed_user_takes_everything_along(test_fixture *fixture)
{
    char email[EMAIL_SIZE];
    todo_item item = add_item(fixture, "alice's", 1), bobs = make_item(fixture, &fixture->bob, "bob's", 1);
    todo_uuid carol = add_user(fixture, 3, email);

    expect(fixture, TODO_OK, insert_item(fixture, &bobs));
    expect_item_stored(fixture, &item);
    expect(fixture, TODO_OK,
           todo_users_remove(fixture->users, NULL, &fixture->alice, NULL, NULL, &fixture->error));
    expect(fixture, TODO_ERR_NOT_FOUND,
           todo_users_remove(fixture->users, NULL, &fixture->alice, NULL, NULL, &fixture->error));
    expect_nobody(fixture, &fixture->alice, NULL);
    expect_user_unknown(fixture, &fixture->alice, &item.id);
    item.created_at = item.updated_at = 2;
    expect(fixture, TODO_ERR_UNAUTHENTICATED, insert_item(fixture, &item));
    item.user_id = fixture->bob; /* the id is free */
    expect(fixture, TODO_OK, insert_item(fixture, &item));
    expect_item_stored(fixture, &bobs);
    expect(fixture, TODO_OK, todo_users_remove(fixture->users, NULL, &carol, NULL, NULL, &fixture->error));
    expect_nobody(fixture, &carol, email);
}

static void a_passed_deadline_is_a_timeout(test_fixture *fixture)
{
    todo_users *users = fixture->users;
    todo_error *error = &fixture->error;
    todo_call late = late_call();
    const todo_user *user = NULL;
    new_user known, unknown;
    size_t calls = 0;

    new_account(fixture, &known);
    new_account(fixture, &unknown);
    expect(fixture, TODO_OK, insert_account(fixture, NULL, &known));
    expect(fixture, TODO_ERR_TIMEOUT, insert_account(fixture, &late, &unknown));
    expect(fixture, TODO_ERR_TIMEOUT, todo_users_find_by_id(users, &late, &known.fields.id, &user, error));
    expect(fixture, TODO_ERR_TIMEOUT, todo_users_find_by_email(users, &late, known.email, &user, error));
    expect(fixture, TODO_ERR_TIMEOUT, todo_users_list(users, &late, end_at_once, &calls, error));
    expect(fixture, TODO_ERR_TIMEOUT,
           todo_users_set_password_hash(users, &late, &known.fields.id, NULL, "$never", error));
    expect(fixture, TODO_ERR_TIMEOUT, todo_users_remove(users, &late, &known.fields.id, NULL, NULL, error));
    expect_that(fixture, user == NULL);
    expect_equal(fixture, calls, 0);
    expect_stored(fixture, &known.fields);
    expect_nobody(fixture, &unknown.fields.id, unknown.email);
}

typedef struct contest {
    test_fixture *fixture;
    new_user accounts[THREADS];
    todo_status statuses[THREADS];
} contest;

static void register_at_once(void *arg, size_t index)
{
    contest *this = arg;
    const todo_user *user = NULL;

    this->statuses[index] = todo_user_build(&this->accounts[index].fields, &user, NULL);
    if (this->statuses[index] == TODO_OK)
        this->statuses[index] = todo_users_insert(this->fixture->users, NULL, user, NULL);
    todo_user_unref(user);
}

static void replace_at_once(void *arg, size_t index)
{
    contest *this = arg;
    char hash[16];

    snprintf(hash, sizeof(hash), "$%zu", index);
    this->statuses[index] = todo_users_set_password_hash(this->fixture->users, NULL, &this->fixture->alice,
                                                         "$before", hash, NULL);
}

/* Whose status was TODO_OK, after checking that it was one only and the others had CONFLICT. */
static size_t only_winner(test_fixture *fixture, const contest *this)
{
    size_t winner = THREADS;

    for (size_t i = 0; i < THREADS; i++) {
        if (this->statuses[i] == TODO_ERR_CONFLICT)
            continue;
        expect_equal(fixture, this->statuses[i], TODO_OK);
        expect_equal(fixture, winner, THREADS);
        winner = i;
    }
    expect_that(fixture, winner < THREADS);
    return winner;
}

static void of_many_who_take_the_same_email_one_wins(test_fixture *fixture)
{
    contest this = {.fixture = fixture};

    for (size_t i = 0; i < THREADS; i++) {
        new_account(fixture, &this.accounts[i]);
        this.accounts[i].fields.email = this.accounts[0].email;
    }
    in_threads(fixture, register_at_once, &this);
    expect_stored(fixture, &this.accounts[only_winner(fixture, &this)].fields);
}

static void of_many_who_replace_the_same_hash_one_wins(test_fixture *fixture)
{
    contest this = {.fixture = fixture};
    const todo_user *user = NULL;
    char hash[16];

    expect(fixture, TODO_OK, set_hash(fixture, &fixture->alice, NULL, "$before"));
    in_threads(fixture, replace_at_once, &this);
    snprintf(hash, sizeof(hash), "$%zu", only_winner(fixture, &this));
    expect(fixture, TODO_OK,
           todo_users_find_by_id(fixture->users, NULL, &fixture->alice, &user, &fixture->error));
    expect_text(fixture, todo_user_password_hash(user), hash);
    todo_user_unref(user);
}

static const conformance_case cases[] = {
    CASE(finds_a_user_by_id_and_by_email, "Stores a new user as it is, hash included."),
    CASE(an_unknown_user_is_not_found, "The user of this id, or NOT_FOUND."),
    CASE(an_email_is_compared_byte_by_byte,
         "The user of this e-mail (compared byte by byte; callers pass it lower-case), or NOT_FOUND."),
    CASE(a_taken_email_is_a_conflict, "CONFLICT, code \"email_exists\", when the e-mail is taken."),
    CASE(lists_the_oldest_user_first, "Calls `visit` for each user, oldest first (by created_at, then id)."),
    CASE(a_visit_may_end_the_list, "Called once for each user, in the thread that asked."),
    CASE(a_hash_is_replaced_unless_it_changed_meanwhile,
         "With `old_hash` (not NULL) only if that is still the stored one, else CONFLICT"),
    CASE(a_removal_tells_the_todos_that_went_along, "Calls `removed` (may be NULL) with the id of each todo "
                                                    "that goes along, so that caches can forget them"),
    CASE(a_removed_user_takes_everything_along,
         "Removes the user and everything that is theirs, in one transaction."),
    CASE(a_passed_deadline_is_a_timeout, "Duties of an implementation: as port/reader.h and port/writer.h."),
    CASE(of_many_who_take_the_same_email_one_wins,
         "CONFLICT, code \"email_exists\", when the e-mail is taken."),
    CASE(of_many_who_replace_the_same_hash_one_wins,
         "an upgrade of a hash never undoes a change of the password."),
};

const conformance_cases conformance_users = {"users", cases, COUNT_OF(cases)};
