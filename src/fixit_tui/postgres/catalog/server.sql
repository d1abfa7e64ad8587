-- Whether policies may ask who is logged in, and whether PostgREST is about.
SELECT EXISTS (SELECT FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
               WHERE n.nspname = 'auth' AND p.proname = 'uid' AND p.pronargs = 0)::int4
         AS has_auth_uid,
       (EXISTS (SELECT FROM pg_roles WHERE rolname = 'authenticator')
         OR EXISTS (SELECT FROM pg_event_trigger WHERE starts_with(evtname, 'pgrst')))::int4
         AS has_postgrest
