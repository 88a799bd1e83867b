using System;
using System.Collections.Generic;

namespace NfceSync.SefazSimulator;

/// <summary>
/// The faults to come. Rules are asked in the order in which they were added; the first that strikes counts.
/// Latencies are apart from that: all that strike add up, and another fault may strike as well.
/// </summary>
public sealed class FaultPlan
{
    private readonly object _gate = new();
    private readonly List<Armed> _rules = [];
    private readonly Random _random;

    internal FaultPlan(int seed)
    {
        // Repeatable on purpose; nothing here is secret.
        _random = new Random(seed);
    }

    /// <summary>The rules, in their order.</summary>
    public IReadOnlyList<FaultRule> Rules
    {
        get
        {
            lock (_gate)
            {
                return _rules.ConvertAll(armed => armed.Rule);
            }
        }
    }

    /// <summary>Adds rules behind the others.</summary>
    /// <param name="rules">The rules.</param>
    public void Add(params FaultRule[] rules)
    {
        ArgumentNullException.ThrowIfNull(rules);
        lock (_gate)
        {
            foreach (var rule in rules)
            {
                _rules.Add(new Armed(rule));
            }
        }
    }

    /// <summary>Takes all rules away.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _rules.Clear();
        }
    }

    internal FaultRule? ForConnection() => First(rule => rule.IsTls);

    /// <summary>Faults that strike before the body is read, as far as they need no key.</summary>
    internal FaultRule? BeforeBody(SefazService service) =>
        First(rule => rule.IsBeforeBody && rule.ChNFe is null && Concerns(rule, service));

    /// <summary>All other faults, once the key is known.</summary>
    internal FaultRule? ForCall(SefazService service, string? chNFe) => First(rule =>
        !rule.IsTls && rule.Kind != FaultKind.Latency && !(rule.IsBeforeBody && rule.ChNFe is null) && Concerns(rule, service, chNFe));

    /// <summary>How long the reply to a call is held back.</summary>
    internal TimeSpan Latency(SefazService service, string? chNFe)
    {
        lock (_gate)
        {
            var latency = TimeSpan.Zero;
            foreach (var armed in _rules)
            {
                if (armed.Rule.Kind == FaultKind.Latency && Concerns(armed.Rule, service, chNFe) && Strikes(armed))
                {
                    latency += armed.Rule.Duration + armed.Rule.Jitter * (_random.NextDouble() * 2 - 1);
                }
            }

            return latency > TimeSpan.Zero ? latency : TimeSpan.Zero;
        }
    }

    private static bool Concerns(FaultRule rule, SefazService service) => rule.Service is null || rule.Service == service;

    private static bool Concerns(FaultRule rule, SefazService service, string? chNFe) =>
        Concerns(rule, service) && (rule.ChNFe is null || rule.ChNFe == chNFe);

    private FaultRule? First(Func<FaultRule, bool> matches)
    {
        lock (_gate)
        {
            foreach (var armed in _rules)
            {
                if (matches(armed.Rule) && Strikes(armed))
                {
                    return armed.Rule;
                }
            }

            return null;
        }
    }

    private bool Strikes(Armed armed)
    {
        armed.Seen++;
        var rule = armed.Rule;
        if (armed.Seen < rule.FromCall || armed.Struck >= rule.Times || (rule.Probability < 1 && _random.NextDouble() >= rule.Probability))
        {
            return false;
        }

        armed.Struck++;
        return true;
    }

    private sealed class Armed(FaultRule rule)
    {
        public FaultRule Rule { get; } = rule;

        public int Seen { get; set; }

        public int Struck { get; set; }
    }
}
