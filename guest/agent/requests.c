#define _GNU_SOURCE
#include "requests.h"
#include "exec.h"
#include "identity.h"
#include "mounts.h"
#include "port.h"
#include "programs.h"
#include "text.h"
#include "volumes.h"
#include "workload.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static const char version[] = "0.1.0";

static bool configured;

/* A session begins: a child must not go on with what its parent's host had asked for. */
static void hello(const struct channel_frame *frame) {
  TEXT(body, 1024);
  exec_end_all();
  port_begin_session(frame->session);
  identity_look();
  text_add(&body, "{\"protocol\":1,\"agent\":\"%s\",\"configured\":%s", version, configured ? "true" : "false");
  text_add(&body, ",\"generation\":");
  text_add_json(&body, identity_now()->generation);
  text_add(&body, ",\"workload\":");
  workload_describe(&body);
  text_add(&body, "}");
  port_send(HELLO_OK, 0, body.bytes, body.length);
}

static void answer(unsigned channel, const char *failure) {
  TEXT(body, 1024);
  text_add(&body, failure == NULL ? "{\"ok\":true" : "{\"ok\":false,\"error\":");
  if (failure != NULL) text_add_json(&body, failure);
  text_add(&body, "}");
  port_send(RESPONSE, channel, body.bytes, body.length);
}

static unsigned long long clock_ns(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (unsigned long long)now.tv_sec * 1000000000u + (unsigned long long)now.tv_nsec;
}

static void ping(unsigned channel) {
  TEXT(body, 128);
  text_add(&body, "{\"ok\":true,\"uptime_ms\":%llu", clock_ns(CLOCK_BOOTTIME) / 1000000);
  text_add(&body, ",\"wall_clock_ns\":\"%llu\"}", clock_ns(CLOCK_REALTIME));
  port_send(RESPONSE, channel, body.bytes, body.length);
}

static const char *read_stop_signal(const struct json_value *request) {
  struct json_value value;
  unsigned long long number;
  if (!json_member(request, "stop_signal", &value) || value.type == JSON_NULL) return NULL;
  if (!json_integer(&value, 64, &number) || number == 0) return "stop_signal is no number from 1 to 64";
  workload_stop_with((int)number);
  return NULL;
}

static const char *configure(const struct json_value *request) {
  static struct program program;
  struct json_cursor cursor;
  struct json_value first;
  if (configured) return NULL;
  const char *failure = program_read(request, &program);
  if (failure == NULL) failure = environment_keep(&program);
  if (failure == NULL) failure = mounts_make_root(request);
  if (failure == NULL) failure = volumes_mount(request);
  if (failure == NULL) failure = read_stop_signal(request);
  if (failure == NULL) failure = mounts_enter_root();
  if (failure == NULL) failure = identity_configure(request);
  if (failure != NULL) return failure;
  configured = true;
  program.has_env = false; /* kept: see environment_keep */
  program.makes_cwd = true;
  identity_share_mailboxes(program.user);
  json_open(&program.argv, &cursor);
  if (json_next(&cursor, NULL, &first)) workload_start(&program);
  return NULL;
}

static const char *apply_identity(const struct json_value *request) {
  struct json_value payload;
  if (!configured) return "this VM is not configured";
  if (!json_member(request, "identity", &payload) || payload.type != JSON_OBJECT) return "identity is no object";
  return identity_apply(&payload);
}

static const char *shut_down(const struct json_value *request) {
  struct json_value value;
  unsigned long long grace_ms;
  if (!json_member(request, "grace_ms", &value) || !json_integer(&value, 3600000, &grace_ms)) return "grace_ms is no number up to 3600000";
  workload_shut_down((long)grace_ms);
  return NULL;
}

static void request(const struct channel_frame *frame) {
  char op[32];
  struct json_value body, name;
  if (!json_read((const char *)frame->body, frame->length, &body) || body.type != JSON_OBJECT)
    return answer(frame->channel, "the request is no JSON object");
  if (!json_member(&body, "op", &name) || json_string(&name, op, sizeof op) < 0) return answer(frame->channel, "op is no string");
  if (strcmp(op, "ping") == 0) return ping(frame->channel);
  if (strcmp(op, "configure") == 0) return answer(frame->channel, configure(&body));
  if (strcmp(op, "shutdown") == 0) return answer(frame->channel, shut_down(&body));
  if (strcmp(op, "set_clock") == 0) return answer(frame->channel, clock_set(&body));
  if (strcmp(op, "add_entropy") == 0) return answer(frame->channel, entropy_add(&body));
  if (strcmp(op, "apply_identity") == 0) return answer(frame->channel, apply_identity(&body));
  bool is_files = strcmp(op, "files") == 0;
  if (!is_files && strcmp(op, "exec") != 0) return answer(frame->channel, "this agent does not know that op");
  if (!configured) return answer(frame->channel, "this VM is not configured");
  if (is_files) exec_start_files(frame->channel, &body);
  else exec_start(frame->channel, &body);
}

void request_receive(const struct channel_frame *frame) {
  if (frame->type == HELLO) return hello(frame);
  if (frame->type == REQUEST) return request(frame);
  exec_receive(frame);
}
