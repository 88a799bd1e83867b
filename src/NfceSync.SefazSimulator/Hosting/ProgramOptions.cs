using System;
using System.Collections.Generic;
using System.Globalization;

namespace NfceSync.SefazSimulator;

/// <summary>The program's command line.</summary>
internal sealed class ProgramOptions
{
    public int Port { get; private set; }

    public int ControlPort { get; private set; }

    public string? Folder { get; private set; }

    public string? Password { get; private set; }

    public string? Schemas { get; private set; }

    public string? WireLog { get; private set; }

    public string IssuerId { get; private set; } = "12345678000195";

    public string Uf { get; private set; } = "RS";

    public int Notes { get; private set; } = 10;

    public bool Help { get; private set; }

    public List<FaultRule> Faults { get; } = [];

    /// <summary>Reads the command line.</summary>
    /// <exception cref="FormatException">An option is unknown, lacks its value or has a wrong one.</exception>
    public static ProgramOptions Parse(string[] args)
    {
        var options = new ProgramOptions();
        for (var i = 0; i < args.Length; i++)
        {
            if (args[i] is "--help" or "-h" or "-?")
            {
                options.Help = true;
                continue;
            }

            if (i + 1 == args.Length)
            {
                throw new FormatException(ProgramText.Get("NoValue", args[i]));
            }

            options.Take(args[i], args[++i]);
        }

        return options;
    }

    private void Take(string name, string value)
    {
        switch (name)
        {
            case "--port":
                Port = Number(name, value, 65535);
                break;
            case "--control-port":
                ControlPort = Number(name, value, 65535);
                break;
            case "--folder":
                Folder = value;
                break;
            case "--password":
                Password = value;
                break;
            case "--schemas":
                Schemas = value;
                break;
            case "--wire-log":
                WireLog = value;
                break;
            case "--issuer" when (value.Length == 14 && TaxIds.IsCnpj(value)) || TaxIds.IsCpf(value):
                IssuerId = value;
                break;
            case "--uf" when FederativeUnit.Exists(value):
                Uf = value.ToUpperInvariant();
                break;
            case "--notes":
                Notes = Number(name, value, 1_000_000);
                break;
            case "--latency":
                Faults.Add(new FaultRule(FaultKind.Latency) { Duration = TimeSpan.FromMilliseconds(Number(name, value, 600_000)) });
                break;
            case "--fault":
                Faults.Add(Fault(name, value));
                break;
            case "--issuer" or "--uf":
                throw new FormatException(ProgramText.Get("BadValue", name, value));
            default:
                throw new FormatException(ProgramText.Get("UnknownOption", name));
        }
    }

    // Kind[:Service[:Probability]]
    private static FaultRule Fault(string name, string value)
    {
        var parts = value.Split(':');
        SefazService? service = null;
        var probability = 1.0;
        if (parts.Length > 3
            || !Enum.TryParse<FaultKind>(parts[0], ignoreCase: true, out var kind)
            || (parts.Length > 1 && parts[1].Length > 0 && !TryService(parts[1], out service))
            || (parts.Length > 2 && !(double.TryParse(parts[2], NumberStyles.Float, CultureInfo.InvariantCulture, out probability) && probability is >= 0 and <= 1)))
        {
            throw new FormatException(ProgramText.Get("BadFault", name, value, string.Join(", ", Enum.GetNames<FaultKind>())));
        }

        return new FaultRule(kind) { Service = service, Probability = probability };
    }

    private static bool TryService(string text, out SefazService? service)
    {
        var known = Enum.TryParse<SefazService>(text, ignoreCase: true, out var parsed);
        service = known ? parsed : null;
        return known;
    }

    private static int Number(string name, string value, int highest) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= highest
            ? number
            : throw new FormatException(ProgramText.Get("BadValue", name, value));
}
