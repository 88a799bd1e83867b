using System;
using System.Collections.Generic;
using System.Globalization;

namespace NfceSync.SefazSimulator;

/// <summary>
/// Counts <em>consumo indevido</em> per transmitter certificate (MOC 7.0, Anexo I, 4.3) and blocks a service
/// for an hour; a call during the block renews it.
/// </summary>
internal sealed class UsageMeter(UsageLimits limits)
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private readonly object _gate = new();
    private readonly Dictionary<(string Certificate, SefazService Service), (DateTimeOffset Until, string Detail)> _blocks = [];
    private readonly Dictionary<(string Certificate, SefazService Service, string Subject), Queue<DateTimeOffset>> _calls = [];
    private readonly Dictionary<(string Certificate, string Note, int CStat), int> _rejections = [];
    private int _blocked;

    /// <summary>How often 656 was answered.</summary>
    public int Blocked
    {
        get
        {
            lock (_gate)
            {
                return _blocked;
            }
        }
    }

    /// <summary>Counts a call; the text of 656 if it is refused, else null.</summary>
    public string? Enter(string certificate, SefazService service, string subject, DateTimeOffset now)
    {
        lock (_gate)
        {
            if (_blocks.TryGetValue((certificate, service), out var block) && now < block.Until)
            {
                return Block(certificate, service, block.Detail, now);
            }

            if (service == SefazService.Autorizacao)
            {
                return null;
            }

            var limit = service == SefazService.Consulta ? limits.ConsultsPerKey : limits.OtherCalls;
            if (limit == int.MaxValue)
            {
                return null;
            }

            if (!_calls.TryGetValue((certificate, service, subject), out var calls))
            {
                _calls.Add((certificate, service, subject), calls = []);
            }

            while (calls.Count > 0 && now - calls.Peek() >= Hour)
            {
                calls.Dequeue();
            }

            calls.Enqueue(now);
            return calls.Count > limit ? Block(certificate, service, Detail(service, limit, subject), now) : null;
        }
    }

    /// <summary>Counts a rejected note; the text of 656 if the answer becomes that, else null. The count outlives the block (observation 1 of 4.3.1).</summary>
    public string? Rejected(string certificate, string note, int cStat, DateTimeOffset now)
    {
        lock (_gate)
        {
            var count = _rejections.GetValueOrDefault((certificate, note, cStat)) + 1;
            _rejections[(certificate, note, cStat)] = count;
            return count > limits.EqualRejections
                ? Block(
                    certificate,
                    SefazService.Autorizacao,
                    string.Create(CultureInfo.InvariantCulture, $"Quantidade de rejeições encontradas: {count}, NF-e: {note}"),
                    now)
                : null;
        }
    }

    /// <summary>Blocks a service without a count, for a fault.</summary>
    public string Block(string certificate, SefazService service, DateTimeOffset now, TimeSpan duration)
    {
        lock (_gate)
        {
            _blocked++;
            if (duration > TimeSpan.Zero)
            {
                _blocks[(certificate, service)] = (now + duration, "Falha programada");
            }

            return Text("Falha programada");
        }
    }

    private string Block(string certificate, SefazService service, string detail, DateTimeOffset now)
    {
        _blocked++;
        _blocks[(certificate, service)] = (now + limits.BlockDuration, detail);
        return Text(detail);
    }

    private static string Detail(SefazService service, int limit, string subject) => service switch
    {
        SefazService.Consulta => string.Create(CultureInfo.InvariantCulture, $"Número máximo de consultas excedido ({limit}) para a NF-e: {subject}"),
        SefazService.RetAutorizacao => string.Create(CultureInfo.InvariantCulture, $"Número máximo de consultas excedido ({limit}) para o recibo: {subject}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"Número máximo de consultas excedido ({limit})"),
    };

    private static string Text(string detail) => $"{Reasons.Text(656)} [det: {detail}]";
}
