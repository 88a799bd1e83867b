using System;
using System.Collections.Generic;
using System.Collections.ObjectModel;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;
using System.Text;

namespace NfceSync.PowerShell.Tests;

/// <summary>A question that the host was asked.</summary>
public sealed record Prompt(string Caption, string Message, IReadOnlyList<string> Choices, int DefaultChoice);

/// <summary>
/// A host that shows nothing: it records what is written and asked, and answers from a script. Without answers it behaves
/// like <c>pwsh -NonInteractive</c>.
/// </summary>
public sealed class EngineHost(int width = 120) : PSHost
{
    private readonly HostUi _ui = new(width);

    /// <summary>What the next questions are answered with: the index of a choice, or null to take the default (Enter).</summary>
    public Queue<int?> Answers => _ui.Answers;

    /// <summary>What the next passwords are that are typed.</summary>
    public Queue<SecureString> Passwords => _ui.Passwords;

    /// <summary>The questions asked, also those that could not be answered.</summary>
    public IReadOnlyList<Prompt> Prompts => _ui.Prompts;

    /// <summary>The progress shown: what remote sessions send, and what no stream of the caller has taken.</summary>
    public IReadOnlyList<ProgressRecord> Progress => _ui.Progress;

    /// <summary>Everything shown as text: Out-Default, Write-Host, the success message; without colours.</summary>
    public string Text => _ui.Text;

    public override CultureInfo CurrentCulture => CultureInfo.CurrentCulture;

    public override CultureInfo CurrentUICulture => CultureInfo.CurrentUICulture;

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override string Name => "NfceSync.Tests";

    public override PSHostUserInterface UI => _ui;

    public override Version Version { get; } = new(1, 0);

    public override void EnterNestedPrompt() => throw new NotSupportedException();

    public override void ExitNestedPrompt() => throw new NotSupportedException();

    public override void NotifyBeginApplication()
    {
    }

    public override void NotifyEndApplication()
    {
    }

    public override void SetShouldExit(int exitCode)
    {
    }

    private sealed class HostUi(int width) : PSHostUserInterface
    {
        private readonly StringBuilder _text = new();
        private readonly List<Prompt> _prompts = [];
        private readonly List<ProgressRecord> _progress = [];

        public Queue<int?> Answers { get; } = new();

        public Queue<SecureString> Passwords { get; } = new();

        public IReadOnlyList<Prompt> Prompts => _prompts;

        public IReadOnlyList<ProgressRecord> Progress => _progress;

        public string Text => _text.ToString();

        public override PSHostRawUserInterface RawUI { get; } = new HostRawUi(width);

        public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice)
        {
            _prompts.Add(new(caption, message, choices.Select(choice => choice.Label).ToArray(), defaultChoice));
            return Answers.TryDequeue(out int? answer) ? answer ?? defaultChoice : throw NonInteractive();
        }

        public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions) =>
            throw NonInteractive();

        public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) =>
            throw NonInteractive();

        public override PSCredential PromptForCredential(
            string caption,
            string message,
            string userName,
            string targetName,
            PSCredentialTypes allowedCredentialTypes,
            PSCredentialUIOptions options) => throw NonInteractive();

        public override string ReadLine() => throw NonInteractive();

        public override SecureString ReadLineAsSecureString() =>
            Passwords.TryDequeue(out SecureString? password) ? password : throw NonInteractive();

        public override void Write(string value) => _text.Append(value);

        public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) => _text.Append(value);

        public override void WriteLine(string value) => _text.Append(value).Append('\n');

        public override void WriteDebugLine(string message) => WriteLine("DEBUG: " + message);

        public override void WriteErrorLine(string value) => WriteLine(value);

        public override void WriteProgress(long sourceId, ProgressRecord record)
        {
            lock (_progress)
            {
                _progress.Add(record);
            }
        }

        public override void WriteVerboseLine(string message) => WriteLine("VERBOSE: " + message);

        public override void WriteWarningLine(string message) => WriteLine("WARNING: " + message);

        // What pwsh -NonInteractive throws.
        private static PSInvalidOperationException NonInteractive() => new("The host is not interactive.");
    }

    private sealed class HostRawUi(int width) : PSHostRawUserInterface
    {
        public override ConsoleColor BackgroundColor { get; set; }

        public override Size BufferSize { get; set; } = new(width, 3000);

        public override Coordinates CursorPosition { get; set; }

        public override int CursorSize { get; set; }

        public override ConsoleColor ForegroundColor { get; set; }

        public override bool KeyAvailable => false;

        public override Size MaxPhysicalWindowSize => WindowSize;

        public override Size MaxWindowSize => WindowSize;

        public override Coordinates WindowPosition { get; set; }

        public override Size WindowSize { get; set; } = new(width, 50);

        public override string WindowTitle { get; set; } = "";

        public override void FlushInputBuffer()
        {
        }

        public override BufferCell[,] GetBufferContents(Rectangle rectangle) => throw new NotSupportedException();

        public override KeyInfo ReadKey(ReadKeyOptions options) => throw new NotSupportedException();

        public override void ScrollBufferContents(Rectangle source, Coordinates destination, Rectangle clip, BufferCell fill) =>
            throw new NotSupportedException();

        public override void SetBufferContents(Coordinates origin, BufferCell[,] contents) => throw new NotSupportedException();

        public override void SetBufferContents(Rectangle rectangle, BufferCell fill) => throw new NotSupportedException();
    }
}
