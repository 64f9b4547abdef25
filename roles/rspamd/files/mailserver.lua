-- Who gets a signature or a seal of this server, and what becomes of mail whose checks fail. The words of role rspamd
-- stand in mailserver.json beside this file; rspamd loads this file as local.d/rspamd.lua.

local lua_maps = require "lua_maps"
local rspamd_logger = require "rspamd_logger"
local ucl = require "ucl"

local NAME = 'mailserver'
local parser = ucl.parser()
local read, fault = parser:parse_file(rspamd_paths['LOCAL_CONFDIR'] .. '/local.d/mailserver.json')
if not read then
  error('mailserver.json: ' .. tostring(fault))
end
local words = parser:get_object()
-- Not ip:is_local(): that is true of link-local addresses, too, whatever is told to rspamd.
local networks = lua_maps.map_add_from_ucl(words.networks, 'radix', 'networks whose mail is ours')

-- What SPF must not have come to; each word has those of the words before it.
local SPF_REFUSED = {
  fail = { 'R_SPF_FAIL' },
  softfail = { 'R_SPF_FAIL', 'R_SPF_SOFTFAIL' },
  neutral = { 'R_SPF_FAIL', 'R_SPF_SOFTFAIL', 'R_SPF_NEUTRAL' },
  not_pass = { 'R_SPF_FAIL', 'R_SPF_SOFTFAIL', 'R_SPF_NEUTRAL', 'R_SPF_PERMFAIL', 'R_SPF_NA' },
}
local SPF_SAYS = {
  R_SPF_FAIL = 'fail',
  R_SPF_SOFTFAIL = 'softfail',
  R_SPF_NEUTRAL = 'neutral',
  R_SPF_PERMFAIL = 'permerror',
  R_SPF_NA = 'none',
}

local function is_loopback(ip)
  local text = ip:to_string()
  return text == '::1' or text:find('^127%.') ~= nil
end

-- What the sendmail command takes comes from no port, and Dovecot's replies come in at a place of their own. Others
-- that reach port 25 from here may be tunnels or proxies with strangers behind them.
local function is_from_this_host(task, ip)
  return is_loopback(ip) and (ip:get_port() == 0 or tostring(task:get_request_header('MTA-Name')) == 'REINJECTION')
end

local function is_ours(ip)
  return networks:get_key(ip) and true or false
end

-- Somebody who has not logged in, on another host than those whose mail is ours.
local function is_stranger(task)
  local ip = task:get_from_ip()
  return not task:get_user() and ip and ip:is_valid() and not is_ours(ip)
end

local function envelope_domain(task)
  local domain = ((task:get_from('smtp') or {})[1] or {}).domain
  return (domain or ''):lower()
end

-- A header without what others than its writer may have chosen: encoded words, quoted strings and comments.
local function bare(text)
  local kept, depth, quoted = {}, 0, false
  for char in text:gsub('=%?[^%s?]+%?[bBqQ]%?[^%s?]*%?=', 'w'):gsub('\\.', '_'):gmatch('.') do
    if char == '"' and depth == 0 then
      quoted = not quoted
      table.insert(kept, quoted and 'q' or '')
    elseif char == '(' and not quoted then
      depth = depth + 1
    elseif char == ')' and depth > 0 then
      depth = depth - 1
      table.insert(kept, ' ')
    elseif depth == 0 and not quoted then
      table.insert(kept, char)
    end
  end
  return table.concat(kept)
end

-- Whether a From header has one author whom all programs see alike: Name <a@b.example>, or a@b.example.
local function is_plain(text)
  local name, address = text:match('^([^<>]*)<%s*([^<>%s]*)%s*>%s*$')
  if name and (name:find(';') or (name:find('@') and name:find('[,:]'))) then
    return false
  end
  return (address or text):match('^%s*[^%s<>@,:;()"]+@[^%s<>@,:;()"]+%s*$') ~= nil
end

-- The domain of the one address in the one From header; nil where receivers could see different ones.
local function author_domain(task)
  local headers, authors = task:get_header_full('From') or {}, task:get_from('mime') or {}
  if #headers ~= 1 or #authors ~= 1 or (authors[1].domain or '') == '' or not is_plain(bare(headers[1].value)) then
    return nil
  end
  return authors[1].domain:lower()
end

-- Old servers send bounces in nobody's name. Other mail without an author has something to hide.
local function is_nameless_bounce(task)
  local headers = task:get_header_full('From') or {}
  return ((task:get_from('smtp') or {})[1] or {}).addr == '' and not task:get_header_full('Sender')
      and (#headers == 0 or (#headers == 1 and not headers[1].value:find('@')))
end

-- Whether mail of this client may say that it is from a domain. Postfix lets a login use only the envelope senders that
-- belong to it. What a host's own programs and Dovecot's automatic replies write has no Received header; what they only
-- pass on, such as a stranger's mail that a Sieve script redirects, has.
local function may_claim(task, domain)
  local user, ip = task:get_user(), task:get_from_ip()
  if user then
    return domain == user:match('@([^@]*)$') or domain == envelope_domain(task)
  end
  if not ip or not ip:is_valid() then
    return false
  end
  if is_loopback(ip) then
    return is_from_this_host(task, ip) and not task:get_header_full('Received')
  end
  return is_ours(ip)
end

local function keys_of(domain)
  local keys = {}
  for _, key in ipairs(words.signing[domain] or {}) do
    table.insert(keys, { domain = domain, selector = key.selector, key = key.path })
  end
  return #keys > 0 and keys or nil
end

-- Seals what a stranger sends, with the key of a recipient's domain: it may be forwarded. ARC knows only RSA.
local function seal_keys(task)
  if not words.arc or not is_stranger(task) then
    return nil
  end
  -- rspamd 2 does not get the seal of a second set right, and a wrong one is worse than none.
  if tonumber(rspamd_version('major')) < 3 and task:get_header_full('ARC-Seal') then
    return nil
  end
  for _, recipient in ipairs(task:get_recipients('smtp') or {}) do
    local domain = (recipient.domain or ''):lower()
    local key = words.seals[domain]
    if key then
      return { domain = domain, selector = key.selector, key = key.path }
    end
  end
  return nil
end

-- The conditions that dkim_signing.conf and arc.conf name.
mailserver_filter = {
  signing = function(task)
    local domain = author_domain(task)
    return domain and may_claim(task, domain) and keys_of(domain) or nil
  end,
  sealing = seal_keys,
}

-- tag=value of a header such as ARC-Seal, by the number of its set (i=).
local function arc_sets(task, name)
  local sets = {}
  for _, header in ipairs(task:get_header_full(name) or {}) do
    local value = header.decoded or header.value
    local number = tonumber((';' .. value):match(';%s*i%s*=%s*(%d+)'))
    if number then
      sets[number] = value
    end
  end
  return sets
end

-- Whether forwarders that are trusted, from the last one back, saw that DMARC passed.
local function is_vouched_for(task)
  if not task:has_symbol('ARC_ALLOW') then
    return false
  end
  local seals, results = arc_sets(task, 'ARC-Seal'), arc_sets(task, 'ARC-Authentication-Results')
  for number = #seals, 1, -1 do
    local domain = (';' .. seals[number]):match(';%s*d%s*=%s*([%w%.%-]+)')
    if not domain or not words.arc_trusted[domain:lower()] then
      return false
    end
    if (';' .. bare(results[number] or '')):lower():find(';%s*dmarc%s*=%s*pass%f[^%w]') then
      return true
    end
  end
  return false
end

-- What the checks of DMARC, SPF and DKIM lead to: an action (or 'junk') and what to say about it.
local function dmarc_verdict(task)
  if words.dmarc == 'off' or words.dmarc == 'header' then
    return nil
  end
  if words.dmarc == 'policy' and #(task:get_header_full('From') or {}) > 1 then
    return 'reject', 'DMARC: there is more than one From header'
  end
  local domain = (author_domain(task) or 'the sender'):gsub('[^%w%.%- ]', '?')
  local refused, suspect = task:has_symbol('DMARC_POLICY_REJECT'), task:has_symbol('DMARC_POLICY_QUARANTINE')
  if refused and words.dmarc == 'policy' then
    return 'reject', 'DMARC: ' .. domain .. ' asks to refuse mail that neither SPF nor DKIM shows to be from there'
  end
  if refused or suspect then
    return 'junk', 'dmarc=fail ' .. domain
  end
  if not author_domain(task) and not is_nameless_bounce(task) then
    return 'junk', 'dmarc=none, From does not name one author'
  end
end

local function spf_verdict(task)
  local domain = envelope_domain(task):gsub('[^%w%.%-]', '?')
  for _, symbol in ipairs(SPF_REFUSED[words.spf] or {}) do
    -- Few hosts have a record under the name that they greet with, which is what counts for bounces.
    if task:has_symbol(symbol) and not (symbol == 'R_SPF_NA' and domain == '') then
      return 'reject', 'SPF: ' .. SPF_SAYS[symbol] .. ' for this client and '
          .. (domain == '' and 'its name' or 'sender domain ' .. domain)
    end
  end
  if words.spf ~= 'header' and words.spf ~= 'off' and task:has_symbol('R_SPF_DNSFAIL') then
    return 'soft reject', 'SPF: the record cannot be looked up now, try again later'
  end
end

local function dkim_verdict(task)
  local wrong = task:has_symbol('R_DKIM_REJECT') or task:has_symbol('R_DKIM_PERMFAIL')
  -- The one whose key cannot be looked up now may be right.
  if words.dkim == 'header' or not wrong or task:has_symbol('R_DKIM_ALLOW') or task:has_symbol('R_DKIM_TEMPFAIL') then
    return nil
  end
  if words.dkim == 'reject' then
    return 'reject', 'DKIM: no signature of this message is right'
  end
  return 'junk', 'dkim=fail'
end

local SEVERITY = { ['reject'] = 3, ['soft reject'] = 2, ['junk'] = 1 }

local function verdict(task)
  local worst, saying
  for _, judge in ipairs({ dmarc_verdict, spf_verdict, dkim_verdict }) do
    local action, text = judge(task)
    if action and (not worst or SEVERITY[action] > SEVERITY[worst]) then
      worst, saying = action, text
    end
  end
  return worst, saying
end

local function judge_stranger(task)
  if not is_stranger(task) then
    return
  end
  local action, text = verdict(task)
  if action and author_domain(task) and is_vouched_for(task) then
    rspamd_logger.infox(task, 'a trusted forwarder saw it pass: %s', text)
    return
  end
  if action == 'junk' then
    task:set_milter_reply({ add_headers = { ['X-Mailserver-Junk'] = { value = text, order = 1 } } })
  elseif action then
    task:set_pre_result(action, text, NAME)
  end
end

-- rspamd's own idea of who is to be checked is switched off (check_local, skip_local).
for _, check in ipairs({ 'SPF_CHECK', 'DKIM_CHECK', 'MILTER_HEADERS' }) do
  rspamd_config:add_condition(check, is_stranger)
end

rspamd_config:register_symbol({
  name = 'MAILSERVER_POLICY',
  type = 'postfilter',
  callback = judge_stranger,
  priority = 9,
})

-- Module milter_headers removes results that strangers have written; people who have logged in could write some, too.
rspamd_config:register_symbol({
  name = 'MAILSERVER_RESULTS',
  type = 'postfilter',
  callback = function(task)
    if task:get_user() and task:get_header_full('Authentication-Results') then
      task:set_milter_reply({ remove_headers = { ['Authentication-Results'] = 0 } })
    end
  end,
})
